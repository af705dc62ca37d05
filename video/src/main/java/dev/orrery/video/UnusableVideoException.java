package dev.orrery.video;

/** No such video can be made. The message is one line that says what was asked for and why not. */
public final class UnusableVideoException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /** What is wrong with what was asked for. */
  public enum Problem {
    /** No kind of video has a name like this. */
    UNKNOWN_KIND,
    /** This kind of video needs larger frames. */
    TOO_SMALL,
    /** This kind of video holds no frames as large as these. */
    TOO_LARGE,
    /** This kind of video cannot show so many frames in a second. */
    TOO_FAST
  }

  /** Why not. */
  private final Problem problem;

  /**
   * @param problem why not
   * @param message the line
   */
  public UnusableVideoException(Problem problem, String message) {
    super(message);
    this.problem = problem;
  }

  /** Why not, for a program that knows a way out. */
  public Problem problem() {
    return problem;
  }
}
