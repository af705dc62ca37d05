package dev.orrery.play;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.VideoFrames;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PlaybackTest {
  private final FrameHub hub = new FrameHub();
  private final BlockingQueue<Frame> seen = new LinkedBlockingQueue<>();
  private final BlockingQueue<Long> times = new LinkedBlockingQueue<>();

  /** Frames of which each is grey, ten times its number. */
  private static VideoFrames frames(int count) {
    byte[] rgb = new byte[count * 8 * 16 * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (10 * (i / (8 * 16 * 3)));
    }
    return new VideoFrames(count, 8, 16, rgb);
  }

  private static HeldInput.Reading reading(double time, long arrived, boolean changed) {
    return new HeldInput.Reading(List.of(), time, arrived, changed, arrived);
  }

  private void watch() {
    hub.subscribe(
        (frame, done) -> {
          times.add(System.nanoTime());
          seen.add(frame);
          done.run();
        });
  }

  @Test
  void framesComeWholeInOrderAndNotTooEarly() throws Exception {
    watch();
    try (Playback playback = new Playback(hub, 10)) {
      playback.add(2, 7, 0, frames(4), reading(0, 0, false));
      playback.add(2, 7, 4, frames(8), reading(0, 0, false));
      for (int i = 0; i < 12; i++) {
        Frame frame = seen.poll(20, TimeUnit.SECONDS);
        assertEquals(List.of(2, 7, i), List.of(frame.start(), frame.block(), frame.index()));
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(frame.jpeg()));
        assertArrayEquals(new int[] {16, 8}, new int[] {image.getWidth(), image.getHeight()});
        int grey = image.getRGB(8, 4) & 0xff;
        assertEquals(10 * (i < 4 ? i : i - 4), grey, 3);
      }
      long first = times.remove();
      long last = first;
      while (!times.isEmpty()) {
        last = times.remove();
      }
      // A late first frame may shorten the first interval, by no more than itself.
      assertTrue(last - first >= 1_000_000_000, "eleven intervals of 100 ms in " + (last - first));
    }
  }

  @Test
  void whatIsDiscardedIsNotShown() throws Exception {
    watch();
    try (Playback playback = new Playback(hub, 2)) {
      playback.add(1, 0, 0, frames(5), reading(0, 0, false));
      assertEquals(0, seen.poll(20, TimeUnit.SECONDS).index());
      playback.discard();
      playback.add(2, 0, 0, frames(1), reading(0, 0, false));
      assertEquals(2, seen.poll(20, TimeUnit.SECONDS).start());
    }
  }

  @Test
  void theFirstFrameOfABlockAnswersItsInput() throws Exception {
    watch();
    try (Playback playback = new Playback(hub, 1000)) {
      assertEquals(0, playback.keyToFrameMillis());
      long pressed = System.nanoTime() - 5_000_000;
      playback.add(1, 0, 0, frames(2), reading(17, pressed, true));
      assertEquals(17, seen.poll(20, TimeUnit.SECONDS).time());
      assertEquals(17, seen.poll(20, TimeUnit.SECONDS).time());
      double millis = playback.keyToFrameMillis();
      assertTrue(millis >= 5, millis + " ms");
      playback.add(1, 1, 0, frames(1), reading(17, pressed, false));
      seen.poll(20, TimeUnit.SECONDS);
      assertEquals(millis, playback.keyToFrameMillis());
    }
  }

  @Test
  void nothingIsEncodedForNobody() throws Exception {
    try (Playback playback = new Playback(hub, 1000)) {
      playback.add(1, 0, 0, frames(3), reading(0, 0, false));
      while (playback.framesPerSecond() < 1.5) {
        Thread.onSpinWait();
      }
      assertEquals(0, hub.watching());
      watch();
      playback.add(1, 1, 0, frames(1), reading(0, 0, false));
      assertEquals(1, seen.poll(20, TimeUnit.SECONDS).block());
    }
  }

  @Test
  void theEndIsWhenAllHasBeenShown() {
    try (Playback playback = new Playback(hub, 0.5)) {
      long before = System.nanoTime();
      playback.add(1, 0, 0, frames(3), reading(0, 0, false));
      long end = playback.end();
      // Whether the first was taken already or not, six seconds of frames are there.
      assertEquals(6, (end - before) / 1e9, 2.5);
    }
  }
}
