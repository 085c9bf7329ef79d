// A C face for toml++ (https://marzer.github.io/tomlplusplus): a parsed document, and where each part of it stands.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct toml_document toml_document;
/// A part of a document; it lives as long as that.
typedef struct toml_part toml_part;

typedef enum { TOML_TABLE, TOML_ARRAY, TOML_STRING, TOML_INTEGER, TOML_NUMBER, TOML_BOOLEAN, TOML_TIME } toml_kind;

/// Both from 1; the column counts characters (code points).
typedef struct {
  uint32_t line, column;
} toml_place;

/// UTF-8, not ended by a zero.
typedef struct {
  const char *bytes;
  size_t count;
} toml_text;

/// Never NULL. A text that is no TOML has an error, and an empty root.
toml_document *toml_parse(const uint8_t *text, size_t count);
void toml_free(toml_document *document);
/// Whether the text is no TOML: then why, for a person, and where. The words live as long as the document.
bool toml_has_error(const toml_document *document, toml_text *words, toml_place *place);

const toml_part *toml_root(const toml_document *document);
toml_kind toml_kind_of(const toml_part *part);
toml_place toml_place_of(const toml_part *part);
/// These read a part of the right kind; of another kind they give nothing or zero.
toml_text toml_string_of(const toml_part *part);
int64_t toml_integer_of(const toml_part *part);
double toml_number_of(const toml_part *part);
bool toml_boolean_of(const toml_part *part);
/// Calls `visit` for each entry of a table, by name, or element of an array, in order (without a key).
void toml_each(const toml_part *part, void *context,
               void (*visit)(void *context, toml_text key, toml_place key_place, const toml_part *value));

#ifdef __cplusplus
}
#endif
