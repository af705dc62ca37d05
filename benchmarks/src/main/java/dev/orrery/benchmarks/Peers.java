package dev.orrery.benchmarks;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What another library takes for the same calls on the same GPU in the same run, as {@code
 * benchmarks/gpu/peers.py} measured it.
 */
final class Peers {
  /**
   * The best of several ways to make a call.
   *
   * @param way which one
   * @param microseconds time of a call
   */
  record Peer(String way, double microseconds) {}

  /** Nothing to compare with. */
  static final Peers NONE = new Peers("", 0, Map.of());

  private final String library;
  private final double operationsPerSecond;
  private final Map<String, Peer> peers;

  private Peers(String library, double operationsPerSecond, Map<String, Peer> peers) {
    this.library = library;
    this.operationsPerSecond = operationsPerSecond;
    this.peers = peers;
  }

  static Peers of(JsonValue measured) {
    Map<String, Peer> peers = new HashMap<>();
    for (JsonValue row : measured.get("peers").asList()) {
      peers.put(
          key(row.string("operation"), row.string("size"), row.string("dtype")),
          new Peer(row.string("way"), row.number("microseconds")));
    }
    return new Peers(
        measured.string("library"), 1e12 * measured.number("largeMatmulTeraflops"), peers);
  }

  /** Its name and version; empty if there is none. */
  String library() {
    return library;
  }

  /** Operations a second of a large bf16 product of matrices; 0 if there is none. */
  double operationsPerSecond() {
    return operationsPerSecond;
  }

  /** The same call, if the library has it. */
  Optional<Peer> of(GpuCase work, DType dtype) {
    return Optional.ofNullable(
        peers.get(key(work.operation().getSimpleName(), work.size(), name(dtype))));
  }

  /** A dtype as {@code peers.py} knows it. */
  static String name(DType dtype) {
    return dtype == DType.F16 ? "float16" : "bfloat16";
  }

  private static String key(String operation, String size, String dtype) {
    return operation + " " + size + " " + dtype;
  }
}
