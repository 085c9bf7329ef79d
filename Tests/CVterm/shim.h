// libvterm for Swift tests: a terminal that a test can read. Its cells hold bit fields and unions, which Swift cannot
// see; the rest are GNU functions that Swift's Glibc module hides.
#pragma once
#include <stdint.h>
#include <vterm.h>

typedef struct {
  /// The grapheme, ended by a zero. Empty: nothing was drawn there, or it is the right half of a wide one.
  uint32_t characters[VTERM_MAX_CHARS_PER_CELL + 1];
  int width;
  int bold, underline, italic, reverse;
  /// 0xRRGGBB as shown; -1 is the terminal's own colour.
  int foreground, background;
} shim_cell;

static inline int shim_colour(const VTermScreen *screen, VTermColor colour) {
  if (VTERM_COLOR_IS_DEFAULT_FG(&colour) || VTERM_COLOR_IS_DEFAULT_BG(&colour)) return -1;
  vterm_screen_convert_color_to_rgb(screen, &colour);
  return colour.rgb.red << 16 | colour.rgb.green << 8 | colour.rgb.blue;
}

static inline shim_cell shim_cell_at(VTermScreen *screen, int row, int column) {
  VTermScreenCell cell;
  shim_cell result = {{0}};
  vterm_screen_get_cell(screen, (VTermPos){.row = row, .col = column}, &cell);
  for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] && cell.chars[i] != (uint32_t)-1; i++)
    result.characters[i] = cell.chars[i];
  result.width = cell.width;
  result.bold = cell.attrs.bold;
  result.underline = cell.attrs.underline != 0;
  result.italic = cell.attrs.italic;
  result.reverse = cell.attrs.reverse;
  result.foreground = shim_colour(screen, cell.fg);
  result.background = shim_colour(screen, cell.bg);
  return result;
}

struct termios;
struct winsize;
int openpty(int *master, int *slave, char *name, const struct termios *settings, const struct winsize *size);
