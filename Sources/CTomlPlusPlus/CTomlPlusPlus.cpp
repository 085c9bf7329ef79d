// Debian's compiled toml++ holds only the variant with exceptions: it is compiled here, without.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "CTomlPlusPlus.h"

struct toml_document {
  toml::parse_result result;
  toml::table nothing;
};

static const toml::node *node(const toml_part *part) { return reinterpret_cast<const toml::node *>(part); }
static const toml_part *part(const toml::node &node) { return reinterpret_cast<const toml_part *>(&node); }
static toml_place place(const toml::source_position &position) { return {position.line, position.column}; }
static toml_text text(std::string_view view) { return {view.data(), view.size()}; }

template <typename T>
static T value(const toml_part *part) {
  auto *found = node(part)->as<T>();
  return found ? found->get() : T();
}

extern "C" {

toml_document *toml_parse(const uint8_t *bytes, size_t count) {
  std::string_view view(count ? reinterpret_cast<const char *>(bytes) : "", count);
  return new toml_document{toml::parse(view), {}};
}

void toml_free(toml_document *document) { delete document; }

bool toml_has_error(const toml_document *document, toml_text *words, toml_place *where) {
  if (document->result.succeeded()) return false;
  *words = text(document->result.error().description());
  *where = place(document->result.error().source().begin);
  return true;
}

const toml_part *toml_root(const toml_document *document) {
  return part(document->result.succeeded() ? document->result.table() : document->nothing);
}

toml_kind toml_kind_of(const toml_part *part) {
  switch (node(part)->type()) {
    case toml::node_type::table: return TOML_TABLE;
    case toml::node_type::array: return TOML_ARRAY;
    case toml::node_type::string: return TOML_STRING;
    case toml::node_type::integer: return TOML_INTEGER;
    case toml::node_type::floating_point: return TOML_NUMBER;
    case toml::node_type::boolean: return TOML_BOOLEAN;
    default: return TOML_TIME;
  }
}

toml_place toml_place_of(const toml_part *part) { return place(node(part)->source().begin); }

toml_text toml_string_of(const toml_part *part) {
  auto *string = node(part)->as_string();
  return string ? text(string->get()) : toml_text{nullptr, 0};
}

int64_t toml_integer_of(const toml_part *part) { return value<int64_t>(part); }
double toml_number_of(const toml_part *part) { return value<double>(part); }
bool toml_boolean_of(const toml_part *part) { return value<bool>(part); }

void toml_each(const toml_part *whole, void *context,
               void (*visit)(void *, toml_text, toml_place, const toml_part *)) {
  if (auto *table = node(whole)->as_table()) {
    for (auto &&[key, value] : *table) visit(context, text(key.str()), place(key.source().begin), part(value));
  } else if (auto *array = node(whole)->as_array()) {
    for (auto &value : *array) visit(context, {nullptr, 0}, {0, 0}, part(value));
  }
}
}
