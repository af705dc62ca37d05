package dev.orrery.play.server;

import java.util.concurrent.atomic.LongAdder;

/** Counts since the server was started. */
final class Traffic {
  final LongAdder blocks = new LongAdder();
  final LongAdder frames = new LongAdder();
  final LongAdder frameBytes = new LongAdder();
  final LongAdder dropped = new LongAdder();
  final LongAdder messages = new LongAdder();
  final LongAdder errors = new LongAdder();
  final LongAdder refused = new LongAdder();
}
