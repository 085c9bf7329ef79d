// ncurses for Swift: the wide headers without their macros, and a typed function for each macro, mutable global or
// variadic call that Swift cannot see.
#pragma once
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <stdlib.h>
#include <wchar.h>

static const attr_t shim_bold = A_BOLD;
static const attr_t shim_dim = A_DIM;
static const attr_t shim_italic = A_ITALIC;
static const attr_t shim_underline = A_UNDERLINE;
static const attr_t shim_reverse = A_REVERSE;

static inline WINDOW *shim_stdscr(void) { return stdscr; }
static inline WINDOW *shim_curscr(void) { return curscr; }
/// How many colours the terminal has; -1 is none. Known before ncurses is told to use them.
static inline int shim_colors(void) { return tigetnum((NCURSES_CONST char *)"colors"); }
static inline int shim_color_pairs(void) { return COLOR_PAIRS; }

/// A cell with a colour pair beyond 255: ncurses takes the extended pair through the pointer.
static inline int shim_setcchar(cchar_t *cell, const wchar_t *text, attr_t attributes, int pair) {
  return setcchar(cell, text, attributes, 0, &pair);
}

/// The bytes of a terminfo string; NULL where the terminal has none. `capability` is a terminfo name such as "rmcup".
static inline const char *shim_tigetstr(const char *capability) {
  const char *bytes = tigetstr((NCURSES_CONST char *)capability);
  return bytes == (const char *)-1 ? NULL : bytes;
}

/// The bytes that make the whole screen scroll; NULL where the terminal has none.
static inline const char *shim_scroll_rows(int first, int last) {
  const char *capability = shim_tigetstr("csr");
  return capability ? tiparm(capability, first, last) : NULL;
}

// GNU functions that Swift's Glibc module hides.
int memfd_create(const char *name, unsigned int flags);
int wcwidth(wchar_t character);
