package dev.orrery.play.server;

import java.util.Locale;

/** What files that come and go are. */
enum FileKind {
  IMAGE(""),
  SESSION(".safetensors"),
  VIDEO(".mp4"),
  ACTIONS(".jsonl");

  private final String ending;

  FileKind(String ending) {
    this.ending = ending;
  }

  /** As messages name it. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Ending of the names of such files. */
  String ending() {
    return ending;
  }
}
