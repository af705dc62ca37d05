package dev.orrery.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameRateTest {
  @ParameterizedTest
  @CsvSource({
    "25, 25",
    "1, 1",
    "120, 120",
    "025.000, 25",
    "50/2, 25",
    "12.5, 25/2",
    "24.5, 49/2",
    "23.976, 24000/1001",
    "23.98, 24000/1001",
    "29.97, 30000/1001",
    "29.970, 30000/1001",
    "47.952, 48000/1001",
    "59.94, 60000/1001",
    "95.904, 96000/1001",
    "119.88, 120000/1001",
    "23.97, 2397/100",
    "23.976024, 2997003/125000",
    "30000/1001, 30000/1001",
    "999999999/999999999, 1"
  })
  void readsExactly(String text, String expected) {
    FrameRate rate = FrameRate.parse(text);
    assertEquals(expected, rate.toString());
    assertEquals(rate, FrameRate.parse(rate.toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0.5",
        "-25",
        "+25",
        "121",
        "120.001",
        "1/2",
        "25/0",
        "0/0",
        "25/",
        "/25",
        "25.",
        ".5",
        "1e2",
        "25,5",
        "NaN",
        "1.0000001",
        "999999999/998244353",
        "\u0662\u0665",
        " 25",
        "25fps"
      })
  void refusesWhatIsNoRate(String text) {
    assertEquals(
        "expected 1 to 120, such as 25, 23.976 or 30000/1001, found " + text,
        assertThrows(IllegalArgumentException.class, () -> FrameRate.parse(text)).getMessage());
  }

  @Test
  void hundredthsNeverDrift() {
    FrameRate rate = FrameRate.parse("29.97");
    for (int frame = 0; frame < 10_000_000; frame += 999_983) {
      assertEquals(frame * 100.0 * 1001 / 30000, rate.hundredths(frame), 0.5);
    }
  }
}
