package dev.orrery.model.session;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Keeps what a class logs from {@code WARNING} on, until it is closed. */
final class WarningLog implements AutoCloseable {
  private final Logger logger;
  private final List<String> messages = new ArrayList<>();
  private final SimpleFormatter formatter = new SimpleFormatter();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
            messages.add(formatter.formatMessage(record));
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  /**
   * @param logging the class whose name the logger has
   */
  WarningLog(Class<?> logging) {
    logger = Logger.getLogger(logging.getName());
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  /** What was logged so far. */
  List<String> messages() {
    return messages;
  }

  @Override
  public void close() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }
}
