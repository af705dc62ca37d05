package dev.orrery.kernels.cuda;

/**
 * What a launch asks for beside its grid: {@code CUlaunchAttribute} of cuda.h.
 *
 * @param id CUlaunchAttributeID
 * @param value the first words of its CUlaunchAttributeValue
 */
record LaunchAttribute(int id, int... value) {
  private static final int PROGRAMMATIC_STREAM_SERIALIZATION = 6;

  /**
   * The kernel may be started while the one before it in the stream runs, and waits by itself for
   * what that one writes.
   */
  static final LaunchAttribute OVERLAP = new LaunchAttribute(PROGRAMMATIC_STREAM_SERIALIZATION, 1);
}
