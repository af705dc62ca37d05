package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.play.PlayerOptions;
import dev.orrery.play.server.RawHttp.Answer;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that other machines reach. */
class TokenTest {
  private static ServedDemo demo;

  @BeforeAll
  static void serve() throws IOException {
    demo =
        new ServedDemo(new ServerOptions("0.0.0.0", 0, 1, PlayerOptions.DEFAULT), ServedDemo.QUICK);
  }

  @AfterAll
  static void end() {
    demo.close();
  }

  private static Answer get(String path) throws IOException {
    return RawHttp.get(demo.server(), path);
  }

  @Test
  void theAddressHasATokenThatOpensEverything() throws IOException {
    URI address = demo.server().address();
    assertTrue(address.getRawQuery().matches("token=[A-Za-z0-9_-]{22}"), address.toString());
    for (String path : new String[] {"/metrics", "/health"}) {
      int status = get(path + "?" + address.getRawQuery()).status();
      assertTrue(status == 200 || status == 503, path);
    }
    assertEquals(404, get("/file/x/y.mp4?" + address.getRawQuery()).status());
    try (TestViewer viewer = TestViewer.watching(demo.server())) {
      viewer.awaitFrame();
      viewer.send("{\"type\":\"save\"}");
      String path = viewer.await("file").string("path");
      assertEquals(200, get(path).status());
      assertEquals(403, get(path.substring(0, path.indexOf('?'))).status());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/metrics", "/health", "/file/x/y.mp4", "/socket"})
  void withoutItNothingIsAnswered(String path) throws IOException {
    String right = demo.server().address().getRawQuery();
    char last = right.charAt(right.length() - 1);
    for (String query :
        new String[] {
          "",
          "?",
          "?token=",
          "?token",
          "?" + right.substring(0, right.length() - 1),
          "?" + right.substring(0, right.length() - 1) + (last == 'A' ? 'B' : 'A'),
          "?" + right + "A",
          "?x" + right,
          "?" + right.replace("token", "TOKEN"),
          "?token=%00&" + right.substring(6)
        }) {
      assertEquals(403, get(path + query).status(), query);
      assertEquals(
          403,
          RawHttp.ask(
                  demo.server(),
                  RawHttp.handshake(
                      path + query,
                      demo.server().address().getAuthority(),
                      "http://" + demo.server().address().getAuthority()))
              .status(),
          query);
    }
  }

  @Test
  void aLoopbackNeedsNone() throws IOException {
    try (PlayServer server = PlayServer.listen(ServerOptions.DEFAULT)) {
      assertNull(server.address().getQuery());
    }
  }
}
