package dev.orrery.play;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Plays one world on a thread of its own: makes a block when playback needs it, with what is held
 * then, and shows its frames to all who watch.
 *
 * <p>Everything else that is asked of it is done between two blocks, in the order in which it was
 * asked; a future tells when. A future that fails says why in one line, and the world goes on as if
 * nothing had been asked.
 */
public final class Player implements AutoCloseable {
  private static final float THUMBNAIL_QUALITY = 0.8f;

  /** Columns that a thumbnail has at most. */
  private static final int THUMBNAIL_WIDTH = 160;

  private final WorldModel model;
  private final ActionSpace space;
  private final PlayerOptions options;
  private final PlayerListener listener;
  private final HeldInput input;
  private final FrameHub hub = new FrameHub();
  private final Playback playback;
  private final JpegEncoder thumbnails = new JpegEncoder(THUMBNAIL_QUALITY);
  private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();
  private final Thread thread;

  /** The player's thread changes it; others may cancel what it does. */
  private volatile WorldSession session;

  private volatile boolean closing;
  private volatile PlayerStatus measured = new PlayerStatus(0, 0, 0, 0, 0);

  private BlockClock clock;
  private Timeline timeline;
  private FlatPictures flat = new FlatPictures();
  private Recording recording;
  private boolean ready;
  private boolean paused;
  private int start;
  private long seed;
  private int posesTold;
}
