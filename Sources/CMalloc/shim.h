// Settings of glibc's allocator, which Swift's Glibc module hides (mallopt(3)).
#pragma once
#include <malloc.h>
