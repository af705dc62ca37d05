package dev.orrery.cli.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BadgePlacesTest {
  private static final Rectangle2D BOUNDS = new Rectangle2D.Double(0, 0, 400, 300);

  @Test
  void theEndOfTheFieldOfViewIsBest() {
    BadgePlaces places = new BadgePlaces(BOUNDS, 40, List.of(), List.of());
    Point2D dot = new Point2D.Double(200, 150);
    assertEquals(new Point2D.Double(200 + 40 + 3 + 15, 150), places.find(dot, 0, 30, 24));
  }

  /** The camera looks along its path, to the right: the number goes above or below its dot. */
  @Test
  void keepsOffThePath() {
    List<Point2D> path = new ArrayList<>();
    for (int x = 0; x < 400; x += 3) {
      path.add(new Point2D.Double(x, 150));
    }
    BadgePlaces places = new BadgePlaces(BOUNDS, 40, path, List.of());
    Point2D place = places.find(new Point2D.Double(200, 150), 0, 30, 24);
    assertEquals(200, place.getX(), 1e-9);
    assertEquals(16 + 12, Math.abs(place.getY() - 150), 1e-9);
  }

  /** Forty numbers at five dots, one of them in a corner. */
  @Test
  void numbersDoNotOverlap() {
    BadgePlaces places = new BadgePlaces(BOUNDS, 40, List.of(), List.of());
    Random random = new Random(4);
    List<Rectangle2D> taken = new ArrayList<>();
    List<Point2D> dots = new ArrayList<>(List.of(new Point2D.Double(5, 5)));
    for (int i = 1; i < 5; i++) {
      dots.add(new Point2D.Double(400 * random.nextDouble(), 300 * random.nextDouble()));
    }
    for (Point2D dot : dots) {
      taken.add(new Rectangle2D.Double(dot.getX() - 5, dot.getY() - 5, 10, 10));
      places.take(taken.getLast());
    }
    for (int i = 0; i < 40; i++) {
      Point2D place = places.find(dots.get(i % 5), random.nextDouble(6), 30, 24);
      Rectangle2D badge = new Rectangle2D.Double(place.getX() - 15, place.getY() - 12, 30, 24);
      assertTrue(BOUNDS.contains(badge), badge::toString);
      assertFalse(taken.stream().anyMatch(badge::intersects), badge::toString);
      taken.add(badge);
    }
  }
}
