package dev.orrery.play.server;

import dev.orrery.model.session.ResidentMemory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a program that watches over this one wants to know: a name and a number in each line. */
final class Metrics {
  private Metrics() {}

  /**
   * The text of all numbers.
   *
   * @param connections sockets that are open
   */
  static String text(ServerParts parts, List<Room> rooms, int connections) {
    Traffic traffic = parts.traffic();
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("sessions", (double) rooms.size());
    values.put("connections", (double) connections);
    values.put("viewers", (double) rooms.stream().mapToInt(Room::viewers).sum());
    values.put("blocks", traffic.blocks.doubleValue());
    values.put("frames_sent", traffic.frames.doubleValue());
    values.put("frame_bytes_sent", traffic.frameBytes.doubleValue());
    values.put("frames_dropped", traffic.dropped.doubleValue());
    values.put("messages", traffic.messages.doubleValue());
    values.put("errors", traffic.errors.doubleValue());
    values.put("requests_refused", traffic.refused.doubleValue());
    values.put("memory_bytes", (double) ResidentMemory.bytes());
    values.put("plan_bytes", (double) parts.plan().playing());
    for (int i = 0; i < rooms.size(); i++) {
      // Sessions in the order of their beginning.
      var status = rooms.get(i).status();
      String of = "session_" + (i + 1) + "_";
      values.put(of + "frames_per_second", status.framesPerSecond());
      values.put(of + "key_to_frame_milliseconds", status.keyToFrameMillis());
      values.put(of + "passes_milliseconds", status.passesMillis());
      values.put(of + "completing_milliseconds", status.completingMillis());
      values.put(of + "decoding_milliseconds", status.decodingMillis());
    }
    StringBuilder text = new StringBuilder();
    values.forEach(
        (name, value) -> text.append(name).append(' ').append(number(value)).append('\n'));
    return text.toString();
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.3f", value);
  }
}
