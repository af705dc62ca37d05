package dev.orrery.benchmarks.peers;

import java.util.List;

/** What libraries are compared by. */
interface Task {
  /** Its name, {@code CAUSAL_CONV3D}. */
  String name();

  /** Its extents and how they are called. */
  String shape();

  /** Multiplications and additions of the products; 0 of operations that memory bounds. */
  double operations();

  /** The ways in which a library does it; none if it cannot. */
  List<Call> calls(Peer peer, int threads) throws Exception;
}
