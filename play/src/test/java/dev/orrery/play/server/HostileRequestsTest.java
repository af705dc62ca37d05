package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.play.server.RawHttp.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and handshakes of strangers. */
class HostileRequestsTest {
  private static ServedDemo demo;

  @BeforeAll
  static void serve() throws IOException {
    demo = new ServedDemo();
  }

  @AfterAll
  static void end() {
    demo.close();
  }

  @AfterEach
  void goesOn() {
    try (TestViewer viewer = TestViewer.watching(demo.server())) {
      viewer.awaitFrame();
    }
  }

  private static Answer get(String path) throws IOException {
    return RawHttp.get(demo.server(), path);
  }

  private static String authority() {
    return demo.server().address().getAuthority();
  }

  @Test
  void answersAreForThisPageAlone() throws IOException {
    Answer answer = get("/metrics");
    assertEquals(200, answer.status(), answer.text());
    for (String header :
        List.of(
            "Content-Security-Policy: default-src 'self'; img-src 'self' blob: data:;"
                + " connect-src 'self' ws://"
                + authority()
                + "; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors"
                + " 'none'\r\n",
            "X-Content-Type-Options: nosniff\r\n",
            "Cache-Control: no-store\r\n",
            "Cross-Origin-Resource-Policy: same-origin\r\n",
            "Referrer-Policy: no-referrer\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n")) {
      assertTrue(answer.text().contains(header), answer.text());
    }
    assertFalse(answer.text().contains("Server:"), answer.text());
    assertTrue(answer.text().contains("\nsessions 1\n"), answer.text());
  }

  @Test
  void headHasNoBody() throws IOException {
    Answer answer =
        RawHttp.ask(
            demo.server(), "HEAD /health HTTP/1.1\r\n" + RawHttp.host(demo.server()) + "\r\n");
    assertTrue(answer.status() == 200 || answer.status() == 503, answer.text());
    assertTrue(answer.text().endsWith("\r\n\r\n"), answer.text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/..",
        "/../index.html",
        "/../../../../etc/passwd",
        "/page/../index.html",
        "/.",
        "/./index.html",
        "//index.html",
        "/index.html/",
        "/index.html.",
        "/INDEX.HTML",
        "/%2e%2e/index.html",
        "/%2e%2e%2findex.html",
        "/a%2findex.html",
        "/a%5cindex.html",
        "/a\\index.html",
        "/index.html%00.js",
        "/index.html\u0000.js",
        "/%00",
        "/index.html;x=y",
        "/%69ndex.html",
        "/file/..%2f..%2fhealth",
        "/file/x/../../health",
        "/file/",
        "/file/AAAAAAAAAAAAAAAAAAAAAA/orrery.mp4",
        "/META-INF/LICENSE",
        "/server/PlayServer.class",
        "/xn--\u00e9.html"
      })
  void oddPathsLeadNowhere(String path) throws IOException {
    Answer answer = get(path);
    assertTrue(answer.status() == 404 || answer.status() == 400, path + ": " + answer.text());
    assertFalse(answer.text().toLowerCase(java.util.Locale.ROOT).contains("jetty"), answer.text());
    assertFalse(answer.text().contains("Exception"), answer.text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "get", "XYZZY"})
  void onlyGetAndHead(String method) throws IOException {
    Answer answer =
        RawHttp.ask(
            demo.server(),
            method
                + " / HTTP/1.1\r\n"
                + RawHttp.host(demo.server())
                + "Content-Length: 5\r\n\r\nhello");
    assertTrue(answer.status() == 405 || answer.status() == 400, answer.text());
  }

  @Test
  void largeHeadersAreRefused() throws IOException {
    Answer answer =
        RawHttp.ask(
            demo.server(),
            "GET / HTTP/1.1\r\n"
                + RawHttp.host(demo.server())
                + "X-Large: "
                + "x".repeat(10_000)
                + "\r\n\r\n");
    assertEquals(431, answer.status(), answer.text());
  }

  @Test
  void aLongPathIsRefused() throws IOException {
    Answer answer = get("/" + "x".repeat(10_000));
    assertEquals(414, answer.status(), answer.text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\r\nX: ", "G", "GET /metrics HTTP/1.1\r\n"})
  void aRequestThatNeverEndsIsCutOff(String beginning) throws Exception {
    long began = System.nanoTime();
    try (Socket socket = RawHttp.connect(demo.server())) {
      OutputStream out = socket.getOutputStream();
      out.write(beginning.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      // A byte now and then, so that it is never silent.
      while (TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) < 15) {
        out.write('x');
        socket.setSoTimeout(100);
        try {
          if (socket.getInputStream().read() < 0) {
            break;
          }
        } catch (java.net.SocketTimeoutException e) {
          // Not yet.
        }
      }
    } catch (SocketException e) {
      // Cut off while writing.
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
    assertTrue(seconds < 12, "cut off after " + seconds + " s");
  }

  @ParameterizedTest
  @CsvSource({
    "evil.example, 403",
    "evil.example:PORT, 403",
    "127.0.0.1, 403",
    "127.0.0.1:1, 403",
    "127.0.0.1.evil.example:PORT, 403",
    "localhost:PORT, 200",
    "LOCALHOST:PORT, 200",
    "127.0.0.1:PORT, 200",
    "[::1]:PORT, 200",
    "user@127.0.0.1:PORT, 400"
  })
  void onlyUnderItsOwnName(String host, int status) throws IOException {
    String named = host.replace("PORT", String.valueOf(demo.server().address().getPort()));
    Answer answer =
        RawHttp.ask(demo.server(), "GET /metrics HTTP/1.1\r\nHost: " + named + "\r\n\r\n");
    assertEquals(status, answer.status(), answer.text());
  }

  @Test
  void withoutHostOrWithTwo() throws IOException {
    assertEquals(400, RawHttp.ask(demo.server(), "GET /metrics HTTP/1.1\r\n\r\n").status());
    assertEquals(
        400,
        RawHttp.ask(
                demo.server(),
                "GET /metrics HTTP/1.1\r\n"
                    + RawHttp.host(demo.server())
                    + "Host: evil.example\r\n\r\n")
            .status());
    assertEquals(403, RawHttp.ask(demo.server(), "GET /metrics HTTP/1.0\r\n\r\n").status());
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "AUTHORITY, none",
        "AUTHORITY, null",
        "AUTHORITY, http://evil.example",
        "AUTHORITY, https://AUTHORITY",
        "AUTHORITY, http://127.0.0.1",
        "AUTHORITY, http://127.0.0.1:1",
        "AUTHORITY, http://AUTHORITY.evil.example",
        "AUTHORITY, http://AUTHORITY/",
        "evil.example, http://evil.example",
        "evil.example:PORT, http://evil.example:PORT",
        "localhost:PORT, http://127.0.0.1:PORT"
      })
  void otherPagesDoNotReachTheSocket(String host, String origin) throws IOException {
    Answer answer =
        RawHttp.ask(
            demo.server(),
            RawHttp.handshake("/socket", named(host), origin == null ? null : named(origin)));
    assertEquals(403, answer.status(), answer.text());
  }

  private static String named(String text) {
    return text.replace("AUTHORITY", authority())
        .replace("PORT", String.valueOf(demo.server().address().getPort()));
  }

  @Test
  void aPlainGetOnTheSocketsPathIsRefused() throws IOException {
    Answer answer =
        RawHttp.ask(
            demo.server(),
            "GET /socket HTTP/1.1\r\n"
                + RawHttp.host(demo.server())
                + "Origin: http://"
                + authority()
                + "\r\n\r\n");
    assertEquals(426, answer.status(), answer.text());
    assertEquals(403, get("/socket").status());
  }

  @Test
  void compressionIsNotOffered() throws IOException {
    try (Socket socket = RawHttp.connect(demo.server())) {
      socket
          .getOutputStream()
          .write(
              RawHttp.handshake(demo.server())
                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      Answer answer = RawHttp.readHead(socket);
      assertEquals(101, answer.status(), answer.text());
      assertFalse(answer.text().contains("permessage-deflate"), answer.text());
    }
  }

  @Test
  void moreConnectionsThanAllowedAreRefusedUntilOneGoes() throws Exception {
    List<TestViewer> viewers = new ArrayList<>();
    try {
      int open = 0;
      while (open < ServedDemo.QUICK.connections()) {
        try {
          viewers.add(TestViewer.seated(demo.server()));
          open++;
        } catch (java.util.concurrent.CompletionException e) {
          // One of an earlier test is not quite gone.
          Thread.sleep(10);
        }
      }
      Answer refused = RawHttp.ask(demo.server(), RawHttp.handshake(demo.server()));
      assertEquals(503, refused.status(), refused.text());
    } finally {
      viewers.forEach(TestViewer::close);
    }
    int status;
    do {
      try (Socket socket = RawHttp.connect(demo.server())) {
        socket
            .getOutputStream()
            .write(
                RawHttp.handshake(demo.server())
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        status = RawHttp.readHead(socket).status();
      }
    } while (status == 503);
    assertEquals(101, status);
    // Others who are not quite gone would keep the next viewer out.
    while (!get("/metrics").text().contains("\nconnections 0\n")) {
      Thread.sleep(10);
    }
  }
}
