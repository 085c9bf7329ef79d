#include "CSimdjson.h"

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <cstring>
#include <memory>
#include <new>

// The tape's layout is simdjson's documented one (its doc/tape.md): one 64-bit word a value with the type in the top
// byte, numbers followed by a word of value, containers pointing past their end.
struct sj_document {
  simdjson::dom::parser parser;
};

namespace {
constexpr uint64_t kPayload = (uint64_t(1) << 56) - 1;

const uint64_t *tape(const sj_document *document) { return document->parser.doc.tape.get(); }
char kind(sj_element e) { return char(tape(e.document)[e.index] >> 56); }
uint64_t payload(sj_element e) { return tape(e.document)[e.index] & kPayload; }

template <typename T> T number(sj_element e) {
  T value;
  std::memcpy(&value, &tape(e.document)[e.index + 1], sizeof value);
  return value;
}

sj_string text(const sj_document *document, uint64_t offset) {
  const uint8_t *place = document->parser.doc.string_buf.get() + offset;
  uint32_t length;
  std::memcpy(&length, place, sizeof length);
  return {reinterpret_cast<const char *>(place + sizeof length), length};
}
} // namespace

sj_document *sj_parse(const uint8_t *bytes, size_t count, const char **error) {
  auto *document = new (std::nothrow) sj_document;
  if (!document) {
    *error = "out of memory";
    return nullptr;
  }
  // simdjson copies the text into a padded buffer of its own.
  auto result = document->parser.parse(bytes, count, true);
  if (result.error()) {
    *error = simdjson::error_message(result.error());
    delete document;
    return nullptr;
  }
  return document;
}

void sj_free(sj_document *document) { delete document; }

sj_element sj_root(const sj_document *document) { return {document, 1}; }

sj_type sj_type_of(sj_element e) {
  switch (kind(e)) {
  case 't':
  case 'f': return SJ_BOOL;
  case 'l': return SJ_INT64;
  case 'u': return SJ_UINT64;
  case 'd': return SJ_DOUBLE;
  case '"': return SJ_STRING;
  case '[': return SJ_ARRAY;
  case '{': return SJ_OBJECT;
  default: return SJ_NULL;
  }
}

bool sj_bool(sj_element e) { return kind(e) == 't'; }
int64_t sj_int64(sj_element e) { return kind(e) == 'l' ? number<int64_t>(e) : 0; }
uint64_t sj_uint64(sj_element e) { return kind(e) == 'u' ? number<uint64_t>(e) : 0; }
double sj_double(sj_element e) { return kind(e) == 'd' ? number<double>(e) : 0; }
sj_string sj_string_of(sj_element e) { return kind(e) == '"' ? text(e.document, payload(e)) : sj_string{"", 0}; }

uint64_t sj_after(sj_element e) {
  switch (kind(e)) {
  case 'l':
  case 'u':
  case 'd': return e.index + 2;
  case '[':
  case '{': return uint32_t(payload(e));
  default: return e.index + 1;
  }
}

sj_span sj_children(sj_element e) {
  char type = kind(e);
  if (type != '[' && type != '{') return {0, 0};
  return {e.index + 1, uint64_t(uint32_t(payload(e))) - 1};
}

bool sj_member(sj_element object, const char *key, size_t key_count, sj_element *value) {
  if (kind(object) != '{') return false;
  sj_span span = sj_children(object);
  sj_element place{object.document, span.begin};
  while (place.index < span.end) {
    sj_string name = text(object.document, payload(place));
    place.index += 1;
    if (name.count == key_count && std::memcmp(name.bytes, key, key_count) == 0) {
      *value = place;
      return true;
    }
    place.index = sj_after(place);
  }
  return false;
}
