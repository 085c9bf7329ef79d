// A C face for simdjson's DOM parser (https://simdjson.org): one document, and elements that point into its tape.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sj_document sj_document;

/// A place in a document's tape. Valid until the document is freed; reading it never changes the document.
typedef struct {
  const sj_document *document;
  uint64_t index;
} sj_element;

typedef enum {
  SJ_NULL, SJ_BOOL, SJ_INT64, SJ_UINT64, SJ_DOUBLE, SJ_STRING, SJ_ARRAY, SJ_OBJECT,
} sj_type;

typedef struct {
  const char *bytes;
  size_t count;
} sj_string;

/// Parses UTF-8 text. Returns NULL and an English sentence in *error (static storage) when the text is not JSON.
sj_document *sj_parse(const uint8_t *text, size_t count, const char **error);
void sj_free(sj_document *document);

sj_element sj_root(const sj_document *document);
sj_type sj_type_of(sj_element element);
/// These read an element of the right type; of another type they give zero.
bool sj_bool(sj_element element);
int64_t sj_int64(sj_element element);
uint64_t sj_uint64(sj_element element);
double sj_double(sj_element element);
sj_string sj_string_of(sj_element element);

/// Finds the first member with a key. Returns false when there is none or the element is not an object.
bool sj_member(sj_element object, const char *key, size_t key_count, sj_element *value);

/// Walks an array's elements or an object's members: `begin` is the first place, `end` the place past the last.
/// In an object each member is a key (a string) followed by its value.
typedef struct { uint64_t begin, end; } sj_span;
sj_span sj_children(sj_element container);
/// The place after the element at `index`, its children passed over.
uint64_t sj_after(sj_element element);

#ifdef __cplusplus
}
#endif
