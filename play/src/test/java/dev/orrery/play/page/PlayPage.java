package dev.orrery.play.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.openqa.selenium.By;
import org.openqa.selenium.chrome.ChromeDriver;

/** The page in a browser, used as people use it. */
final class PlayPage extends WindowedBrowser {
  /** Index of the last frame of the first block of the demo, and of all others. */
  private static final int LAST_OF_FIRST = 8;

  private static final int LAST = 11;

  private final URI address;

  /** A block of a world. */
  record Block(int start, int block) {
    int last() {
      return block == 0 ? LAST_OF_FIRST : LAST;
    }

    Block next() {
      return new Block(start, block + 1);
    }
  }

  PlayPage(ChromeDriver driver, URI address) {
    super(driver);
    this.address = address;
  }

  /** Where the page is. */
  URI address() {
    return address;
  }

  /** Opens the page as a new viewer, and waits until there is a world that this one steers. */
  void open() {
    open(address);
  }

  /** Opens the page at another address. */
  void open(URI at) {
    load(at);
    await("document.body.dataset.steers === 'true' && !document.getElementById('reset').disabled");
  }

  /** Opens the page as a new viewer who may not steer. */
  void watch() {
    load(address);
    await("document.body.dataset.connection === 'open' && seen.said.some(m => m.type === 'state')");
  }

  /** Number of the newest start. */
  int start() {
    return (int) number("seen.said.findLast(m => m.type === 'state').start");
  }

  /** The block that will be made next. */
  Block next() {
    return new Block(start(), (int) number("seen.said.findLast(m => m.type === 'state').block"));
  }

  void pause() {
    if (Boolean.FALSE.equals(value("seen.said.findLast(m => m.type === 'state').paused"))) {
      click("pause");
    }
    await("!document.getElementById('paused').hidden");
  }

  void play() {
    if (Boolean.TRUE.equals(value("seen.said.findLast(m => m.type === 'state').paused"))) {
      click("pause");
    }
    await("document.getElementById('paused').hidden");
  }

  /** Begins a world through the panel. */
  void begin(String image, String seed) {
    int before = start();
    if (!element("panel").isDisplayed()) {
      click("open-panel");
    }
    driver().findElement(By.cssSelector("input[name=image][value=" + image + "]")).click();
    element("seed").clear();
    element("seed").sendKeys(seed);
    driver().findElement(By.cssSelector("#begin button[type=submit]")).click();
    awaitStartAfter(before);
    if (element("panel").isDisplayed()) {
      click("close-panel");
    }
  }

  /** Begins the same world again. */
  void reset() {
    int before = start();
    click("reset");
    awaitStartAfter(before);
  }

  /** Begins the demo as it is, and holds it. */
  void beginPaused() {
    pause();
    begin("model", "42");
  }

  void awaitStartAfter(int before) {
    await("seen.said.findLast(m => m.type === 'state').start > arguments[0]", before);
  }

  /** Makes a block while paused; returns when its last picture is seen. */
  Block step() {
    Block next = next();
    click("single");
    awaitSeen(next);
    await("seen.said.findLast(m => m.type === 'state').block > arguments[0]", next.block());
    return next;
  }

  /** Waits until the last picture of a block is seen. */
  void awaitSeen(Block block) {
    await(
        "seen.pictures(arguments[0], arguments[1]).at(-1)?.index === arguments[2]",
        block.start(),
        block.block(),
        block.last());
  }

  /** Waits until a block is over: while the world plays, pictures may be left out. */
  void awaitOver(Block block) {
    await(
        "seen.shown.at(-1)?.start === arguments[0] && seen.shown.at(-1).block > arguments[1]",
        block.start(),
        block.block());
  }

  /** The bytes of a block's last frame. */
  String lastFrame(Block block) {
    return frame(block, block.last());
  }

  /** The bytes of a block's frame. */
  String frame(Block block, int index) {
    return (String)
        value(
            "seen.frames.findLast(f => f.start === arguments[0] && f.block === arguments[1] &&"
                + " f.index === arguments[2]).jpeg",
            block.start(),
            block.block(),
            index);
  }

  /** Whether a picture was seen: a busy browser leaves some out. */
  boolean saw(Block block, int index) {
    return (boolean)
        value(
            "seen.pictures(arguments[0], arguments[1]).some(p => p.index === arguments[2])",
            block.start(),
            block.block(),
            index);
  }

  /** Whether enough pictures of a block were seen for {@link #turn}. */
  boolean sawTurn(Block block) {
    return (boolean)
        value(
            "seen.neighbours(arguments[0], arguments[1]) !== undefined",
            block.start(),
            block.block());
  }

  /** Columns to the right by which what a block shows moves in a frame. */
  double turn(Block block) {
    return number("seen.turn(arguments[0], arguments[1])", block.start(), block.block());
  }

  /** The part of a block's last picture that the nearest wall takes. */
  double wall(Block block) {
    return wall(block, block.last());
  }

  /** The part of the picture of a frame that the nearest wall takes. */
  double wall(Block block, int index) {
    return number(
        "seen.wall(arguments[0], arguments[1], arguments[2])", block.start(), block.block(), index);
  }

  /** The newest keys that were sent. */
  @SuppressWarnings("unchecked")
  List<String> heldAsSent() {
    return (List<String>) value("seen.sent.findLast(m => m.type === 'keys')?.held ?? []");
  }

  /** The keys that are lit. */
  @SuppressWarnings("unchecked")
  List<String> lit() {
    return (List<String>)
        value("[...document.querySelectorAll('.key[aria-pressed=true]')].map(k => k.dataset.key)");
  }

  /** Waits for the first block that was made with the newest input, or one after it. */
  Block awaitBlockOfNewestInput() {
    // Blocks before may have been made with inputs of a viewer with another clock.
    double time = number("seen.sent.findLast(m => 'time' in m).time");
    await("seen.frameOfInputSince(arguments[0]) !== undefined", time);
    return new Block(
        (int) number("seen.frameOfInputSince(arguments[0]).start", time),
        (int) number("seen.frameOfInputSince(arguments[0]).block", time));
  }

  /** Drops a file onto the picture. */
  void drop(Path file) throws IOException {
    run(
        """
        const bytes = Uint8Array.from(atob(arguments[1]), (letter) => letter.charCodeAt(0));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([bytes], arguments[0], { type: "image/png" }));
        for (const type of ["dragenter", "dragover", "drop"]) {
          document.getElementById("canvas").dispatchEvent(
            new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
        }
        """,
        file.getFileName().toString(),
        Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
  }

  /** What went wrong, as the page says it. */
  @SuppressWarnings("unchecked")
  List<String> errors() {
    return (List<String>)
        value("[...document.querySelectorAll('#errors .message')].map(e => e.dataset.text)");
  }

  /** The newest message of a type. */
  @SuppressWarnings("unchecked")
  Map<String, Object> said(String type) {
    return (Map<String, Object>) value("seen.said.findLast(m => m.type === arguments[0])", type);
  }

  void assertNoComplaints() {
    assertEquals(List.of(), complaints());
    assertEquals(List.of(), value("seen.violations"));
  }
}
