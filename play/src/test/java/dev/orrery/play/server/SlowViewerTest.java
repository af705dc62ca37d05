package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.play.server.TestViewer.Shown;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SlowViewerTest {
  /** Until the system's buffers between the two are full, and some seconds more. */
  private static final int FRAMES = 250;

  @Test
  void oneWhoReadsNothingCostsTheOthersNothing() throws Exception {
    try (ServedDemo demo = new ServedDemo();
        TestViewer viewer = TestViewer.watching(demo.server())) {
      try (Socket _ = blind(demo.server())) {
        viewer.await("state", state -> state.integer("viewers") == 2);
        viewer.forget();
        requireAll(viewer);
        assertEquals(0, viewer.await("status").integer("dropped"));
      }
      viewer.await("state", state -> state.integer("viewers") == 1);
      String metrics = RawHttp.get(demo.server(), "/metrics").text();
      // What waits for him is one frame, see FrameHubTest, and what the system's buffers hold.
      assertTrue(metrics.matches("(?s).*\nframes_dropped [1-9].*"), metrics);
    }
  }

  /** A viewer who says hello and reads nothing any more. */
  private static Socket blind(PlayServer server) throws IOException {
    Socket socket = RawHttp.connect(server);
    OutputStream out = socket.getOutputStream();
    out.write(RawHttp.handshake(server).getBytes(StandardCharsets.US_ASCII));
    assertEquals(101, RawHttp.readHead(socket).status());
    out.write(
        RawHttp.textFrame("{\"type\":\"hello\",\"version\":1,\"session\":\"\",\"viewer\":\"\"}"));
    return socket;
  }

  private static void requireAll(TestViewer viewer) {
    Shown before = viewer.awaitFrame();
    for (int i = 0; i < FRAMES; i++) {
      Shown frame = viewer.awaitFrame();
      boolean follows =
          frame.block() == before.block()
              ? frame.index() == before.index() + 1
              : frame.block() == before.block() + 1 && frame.index() == 0;
      assertTrue(follows, before + " is followed by " + frame);
      before = frame;
    }
  }
}
