internal import CMalloc

/// How the process holds memory: as little as is in use, since it stands open for days beside others.
enum Allocator {
  /// To be called before anything else.
  static func settle() {
    // A big answer is of a large mesh's thousands of proxies, one after another: what it took goes back at once, in
    // place of being kept by as many heaps as there are threads.
    mallopt(M_MMAP_THRESHOLD, 256 << 10)
    mallopt(M_ARENA_MAX, 2)
  }

  /// Gives back what lies unused between what is in use, now and then, until it is cancelled: most of all what the first
  /// reading of a large mesh has left.
  static func trimNowAndThen() async {
    while !Task.isCancelled {
      // The only error is cancellation, which the loop sees by itself.
      try? await Task.sleep(for: .seconds(10))
      malloc_trim(0)
    }
  }
}
