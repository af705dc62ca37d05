package dev.orrery.play;

import dev.orrery.model.session.ActionRecording;
import dev.orrery.runtime.files.PendingOutput;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** An {@link ActionRecording} that is being written. */
final class RecordedActions implements AutoCloseable {
  private static final String ENDING = ".jsonl";

  private final Path target;
  private final PendingOutput output;
  private final BufferedWriter writer;
  private int written;

  /**
   * @throws IllegalArgumentException if its name would not be read as a recording
   * @throws IOException with one line for the user, if it cannot be written
   */
  RecordedActions(Path target) throws IOException {
    if (!target.toString().toLowerCase(Locale.ROOT).endsWith(ENDING)) {
      throw new IllegalArgumentException(
          "actions: expected a name that ends in " + ENDING + ", found " + target);
    }
    this.target = target;
    this.output = PendingOutput.file(target);
    try {
      this.writer = Files.newBufferedWriter(output.temporary());
    } catch (IOException e) {
      output.close();
      throw output.explained(e);
    }
  }

  /**
   * Requires that so many frames more can be read again, and that this is open.
   *
   * @throws IOException with one line for the user, if not
   */
  void requireRoom(int frames) throws IOException {
    output.checkOpen();
    if (frames > ActionRecording.MAX_FRAMES - written) {
      throw new IOException(
          target
              + ": a recording has at most "
              + ActionRecording.MAX_FRAMES
              + " frames; end this one and begin another");
    }
  }

  void write(List<String> rows) throws IOException {
    try {
      for (String row : rows) {
        writer.write(row);
        writer.write('\n');
      }
    } catch (IOException e) {
      throw output.explained(e);
    }
    written += rows.size();
  }

  /** Brings everything into the file, which has its temporary name still. */
  void end() throws IOException {
    output.checkOpen();
    try {
      writer.close();
    } catch (IOException e) {
      throw output.explained(e);
    }
  }

  void commit() throws IOException {
    output.commit();
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      // The file was completed, or is deleted anyway.
    }
    output.close();
  }
}
