package dev.orrery.play;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * What is asked of a player.
 *
 * @param does what, on the player's thread
 * @param done told when, or why not
 */
record Command<T>(Callable<T> does, CompletableFuture<T> done) {
  void run() {
    try {
      done.complete(does.call());
    } catch (OutOfMemoryError e) {
      done.completeExceptionally(
          new IllegalStateException("there is not enough memory: " + e.getMessage(), e));
    } catch (Exception e) {
      done.completeExceptionally(e);
    } catch (Error e) {
      done.completeExceptionally(e);
      throw e;
    }
  }

  void refuse() {
    done.completeExceptionally(new IllegalStateException("the player is closed"));
  }
}
