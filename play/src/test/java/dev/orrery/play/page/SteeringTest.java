package dev.orrery.play.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.play.page.PlayPage.Block;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/** What is held, moved and touched in the page is what the world does. */
@Tag("slow")
@ExtendWith(PageExtension.class)
class SteeringTest {
  /**
   * Columns by which the demo's view turns in a frame while a key is held, at least and at most; it
   * is some 3.7 in the middle, and more at the edges.
   */
  private static final double SLOWEST = 2.5;

  private static final double FASTEST = 7;

  /** Columns by which a view moves that does not turn, at most. */
  private static final double STILL = 0.5;

  private final PlayPage page;

  SteeringTest(PlayPage page) {
    this.page = page;
  }

  @BeforeEach
  void open() {
    page.open();
    page.beginPaused();
  }

  @AfterEach
  void nothingWentWrong() {
    page.assertNoComplaints();
  }

  /** The second block of the demo, made with these keys. */
  private Block secondBlock(String... keys) {
    page.reset();
    page.step();
    page.press(keys);
    Block block = page.step();
    page.release(keys);
    return block;
  }

  /** The same, of which a picture and how it turns were seen. */
  private Block secondBlockSeen(int index, String... keys) {
    Block block = secondBlock(keys);
    while (!page.saw(block, index) || !page.sawTurn(block)) {
      block = secondBlock(keys);
    }
    return block;
  }

  /** Waits until a block is over of which was seen how it turns: this one, or one after it. */
  private Block awaitTurn(Block block) {
    page.awaitOver(block);
    return page.sawTurn(block) ? block : awaitTurn(block.next());
  }

  private static void assertTurnsRight(double turn) {
    assertTrue(turn < -SLOWEST && turn > -FASTEST, () -> "columns in a frame: " + turn);
  }

  private static void assertTurnsLeft(double turn) {
    assertTrue(turn > SLOWEST && turn < FASTEST, () -> "columns in a frame: " + turn);
  }

  @Test
  void lookingRightMovesWhatIsSeenToTheLeftWhileTheWorldPlays() {
    page.play();
    page.press("l");
    Block right = awaitTurn(page.awaitBlockOfNewestInput());
    page.press("j");
    page.release("l");
    Block left = awaitTurn(page.awaitBlockOfNewestInput());
    page.release("j");
    assertTurnsRight(page.turn(right));
    assertTurnsLeft(page.turn(left));
  }

  @Test
  void walkingNearsTheWallUntilTheKeyIsReleased() {
    double before = page.wall(page.step());
    page.press("w");
    double near = page.wall(page.step());
    page.release("w");
    double stopped = page.wall(page.step());
    double later = page.wall(page.step());
    assertTrue(near > before + 0.1, () -> before + " to " + near);
    assertEquals(stopped, later, 0.03);
  }

  @Test
  void keysAreHeldTogether() {
    // Before the wall has left the picture.
    int early = 4;
    Block right = secondBlockSeen(early, "l");
    Block both = secondBlockSeen(early, "w", "l");
    assertTurnsRight(page.turn(both));
    double farther = page.wall(right, early);
    double nearer = page.wall(both, early);
    assertTrue(nearer > farther + 0.02, () -> farther + " to " + nearer);
    page.press("w", "l");
    assertEquals(List.of("w", "l"), page.heldAsSent());
    assertEquals(Set.of("w", "l"), Set.copyOf(page.lit()));
    page.release("w");
    assertEquals(List.of("l"), page.heldAsSent());
    assertEquals(List.of("l"), page.lit());
    page.release("l");
    assertEquals(List.of(), page.heldAsSent());
    assertEquals(List.of(), page.lit());
  }

  @Test
  void oppositesUndoEachOther() {
    String still = page.lastFrame(secondBlock());
    assertEquals(still, page.lastFrame(secondBlock("j", "l")));
    assertEquals(still, page.lastFrame(secondBlock("w", "s")));
    assertFalse(still.equals(page.lastFrame(secondBlock("w"))));
  }

  @Test
  void arrowsLook() {
    page.step();
    new Actions(page.driver()).keyDown(Keys.ARROW_LEFT).perform();
    assertEquals(List.of("j"), page.lit());
    Block block = page.step();
    while (!page.sawTurn(block)) {
      block = page.step();
    }
    new Actions(page.driver()).keyUp(Keys.ARROW_LEFT).perform();
    assertTurnsLeft(page.turn(block));
    assertEquals(List.of(), page.heldAsSent());
  }

  @Test
  void keysOnTheScreenAreHeldByTheMouse() {
    page.step();
    WebElement key = page.driver().findElement(By.cssSelector("[data-key=l]"));
    new Actions(page.driver()).clickAndHold(key).perform();
    assertEquals(List.of("l"), page.lit());
    page.await("seen.sent.findLast(m => m.type === 'keys').held[0] === 'l'");
    new Actions(page.driver()).release().perform();
    assertEquals(List.of(), page.heldAsSent());
    assertEquals("l, look right", key.getDomAttribute("aria-label"));
  }

  @Test
  void whoLeavesTheWindowHoldsNothing() {
    page.press("w");
    assertEquals(List.of("w"), page.heldAsSent());
    String window = page.newWindow();
    page.goTo(window);
    page.await("seen.sent.findLast(m => m.type === 'keys').held.length === 0");
    assertEquals(List.of(), page.lit());
    page.closeOthers(window);
    page.release("w");
  }

  @Test
  void theMouseTurnsTheViewUntilEscapeGivesItBack() {
    page.step();
    WebElement stage = page.element("stage");
    new Actions(page.driver()).moveToElement(stage).click().perform();
    page.await("document.pointerLockElement?.id === 'stage'");
    // As far as a key turns in a block of 12 frames, at 20 pixels for each.
    new Actions(page.driver()).moveByOffset(120, 0).moveByOffset(120, 0).perform();
    page.await(
        "Math.abs(seen.sent.filter(m => m.type === 'look').reduce((sum, m) => sum + m.right, 0) -"
            + " 1.2) < 1e-6");
    new Actions(page.driver()).sendKeys(Keys.ESCAPE).perform();
    page.await("document.pointerLockElement === null");
    assertTurnsRight(page.turn(page.step()));
    new Actions(page.driver()).moveByOffset(-100, 0).perform();
    Block still = page.step();
    assertEquals(0, page.turn(still), STILL);
  }

  @Test
  void touchPadsWalkAndLook() {
    try {
      page.phone(390, 844);
      page.open();
      page.beginPaused();
      Block before = page.step();
      page.touch("pad-walk", 0.5, 0.05);
      page.await("seen.sent.findLast(m => m.type === 'keys')?.held.join() === 'w'");
      Block nearer = page.step();
      page.endTouch();
      assertEquals(List.of(), page.heldAsSent());
      assertTrue(page.wall(nearer) > page.wall(before) + 0.1);
      page.play();
      page.touch("pad-look", 0.98, 0.5);
      page.await("seen.sent.some(m => m.type === 'look')");
      Block turning = awaitTurn(page.awaitBlockOfNewestInput().next());
      page.endTouch();
      double turn = page.turn(turning);
      assertTrue(turn < -SLOWEST, () -> "columns in a frame: " + turn);
    } finally {
      page.desktop();
    }
  }

  @Test
  void theNewestOfManyChangesCounts() {
    String right = page.lastFrame(secondBlock("l"));
    page.reset();
    page.step();
    for (int i = 0; i < 25; i++) {
      page.press("w");
      page.release("w");
    }
    page.press("l");
    int sent = (int) page.number("seen.sent.filter(m => m.type === 'keys').length");
    assertTrue(sent >= 51, () -> "changes: " + sent);
    Block block = page.step();
    page.release("l");
    assertEquals(right, page.lastFrame(block));
  }
}
