package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.model.camera.RigidTransform;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FieldOfViewOverlapTest {
  private static final FieldOfViewOverlap OVERLAP = FieldOfViewOverlap.seeded(7);

  /** Five standard deviations of a share p of some 2500 points, at its largest for p = 1/2. */
  private static final double SAMPLING = 5 * 0.5 / Math.sqrt(2500);

  @Test
  void theViewHoldsItsShareOfTheBall() {
    // A sixth of all azimuths, and between two circles of latitude the sine of half the angle.
    double share = 60.0 / 360 * Math.sin(Math.toRadians(17.5));
    int seeds = 16;
    int points = 0;
    for (int seed = 0; seed < seeds; seed++) {
      points += FieldOfViewOverlap.seeded(seed).points();
    }
    double drawn = 50_000 * seeds;
    assertEquals(drawn * share, points, 4 * Math.sqrt(drawn * share * (1 - share)));
  }

  @Test
  void theSameViewWasSeenCompletely() {
    assertEquals(1, OVERLAP.of(RigidTransform.IDENTITY, 1));
  }

  @Test
  void turnsToTheSideLeaveTheCommonAngle() {
    for (int degrees = -75; degrees <= 75; degrees += 15) {
      double common = Math.max(0, 60 - Math.abs(degrees)) / 60.0;
      RigidTransform turn = RigidTransform.rotationY(Math.toRadians(degrees));
      assertEquals(common, OVERLAP.of(turn, 1), common == 0 ? 0 : SAMPLING, degrees + " degrees");
    }
    assertEquals(0, OVERLAP.of(RigidTransform.rotationY(Math.PI), 1));
  }

  @Test
  void turnsUpLeaveTheCommonElevations() {
    for (int degrees = -40; degrees <= 40; degrees += 10) {
      double lowest = Math.sin(Math.toRadians(Math.max(-17.5, Math.abs(degrees) - 17.5)));
      double highest = Math.sin(Math.toRadians(17.5));
      double common = Math.max(0, (highest - lowest) / (2 * highest));
      RigidTransform turn = RigidTransform.rotationX(Math.toRadians(degrees));
      assertEquals(common, OVERLAP.of(turn, 1), common == 0 ? 0 : SAMPLING, degrees + " degrees");
    }
  }

  /** The definition: differences of angles in degrees, brought into [-180, 180). */
  @Test
  void comparingTangentsIsComparingAngles() {
    Random random = new Random(5);
    for (int round = 0; round < 200; round++) {
      float[] points = new float[3 * 1000];
      for (int i = 0; i < points.length; i++) {
        points[i] = 16 * random.nextFloat() - 8;
      }
      // All pitches, so that views reach over the zenith, and distances that cut views off.
      RigidTransform other =
          RigidTransform.translation(
                  4 * random.nextGaussian(), 4 * random.nextGaussian(), 4 * random.nextGaussian())
              .times(RigidTransform.rotationY(2 * Math.PI * random.nextDouble()))
              .times(RigidTransform.rotationX(Math.PI * (random.nextDouble() - 0.5)));
      int inCurrent = 0;
      int inBoth = 0;
      for (int i = 0; i < points.length; i += 3) {
        if (sees(RigidTransform.IDENTITY, points[i], points[i + 1], points[i + 2])) {
          inCurrent++;
          double dx = points[i] - other.translation(0);
          double dy = points[i + 1] - other.translation(1);
          double dz = points[i + 2] - other.translation(2);
          if (sees(other, dx, dy, dz) && Math.sqrt(dx * dx + dy * dy + dz * dz) < 8) {
            inBoth++;
          }
        }
      }
      FieldOfViewOverlap overlap = FieldOfViewOverlap.ofPoints(points);
      assertEquals(inCurrent, overlap.points());
      assertEquals((float) inBoth / inCurrent, overlap.of(other, 1), "round " + round);
    }
  }

  private static boolean sees(RigidTransform camera, double dx, double dy, double dz) {
    double x = camera.rotation(0, 2);
    double y = camera.rotation(1, 2);
    double z = camera.rotation(2, 2);
    double azimuth = Math.toDegrees(Math.atan2(dx, dz) - Math.atan2(x, z));
    double elevation =
        Math.toDegrees(Math.atan2(dy, Math.hypot(dx, dz)) - Math.atan2(y, Math.hypot(x, z)));
    return Math.abs(wrapped(azimuth)) < 30 && Math.abs(wrapped(elevation)) < 17.5;
  }

  private static double wrapped(double degrees) {
    double turned = (degrees + 180) % 360;
    return (turned < 0 ? turned + 360 : turned) - 180;
  }

  @Test
  void whatIsTooFarAwayWasNotSeen() {
    assertEquals(0, OVERLAP.of(RigidTransform.translation(0, 0, -16), 1));
    // From 4 behind only what is nearer than some 4 was seen: an eighth of the view.
    assertEquals(0.125, OVERLAP.of(RigidTransform.translation(0, 0, -4), 1), SAMPLING);
  }

  @Test
  void withoutPointsNothingWasSeen() {
    assertEquals(
        0, FieldOfViewOverlap.ofPoints(new float[] {0, 0, -1}).of(RigidTransform.IDENTITY, 1));
  }

  @Test
  void aSeedGivesTheSamePointsForever() {
    // A change of the points changes which frames old sessions remember.
    assertEquals(2429, OVERLAP.points());
  }
}
