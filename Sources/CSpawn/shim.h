// GNU functions and flags that Swift's Glibc module hides (glibc 2.26 and 2.34).
#pragma once
#include <spawn.h>

int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
/// POSIX_SPAWN_SETSID
static const short shim_spawn_setsid = 0x80;
