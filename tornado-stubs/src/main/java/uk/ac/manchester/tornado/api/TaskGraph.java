package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task1;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task10;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task6;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task7;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task9;

/** Tasks and transfers in the order in which a device is to do them. */
public class TaskGraph {
  static final String ABSENT = "TornadoVM is not on the module path";

  public TaskGraph(String name) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public <T1> TaskGraph task(String id, Task1<T1> code, T1 arg1) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public <T1, T2, T3> TaskGraph task(String id, Task3<T1, T2, T3> code, T1 arg1, T2 arg2, T3 arg3) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public <T1, T2, T3, T4> TaskGraph task(
      String id, Task4<T1, T2, T3, T4> code, T1 arg1, T2 arg2, T3 arg3, T4 arg4) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public <T1, T2, T3, T4, T5> TaskGraph task(
      String id, Task5<T1, T2, T3, T4, T5> code, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public <T1, T2, T3, T4, T5, T6> TaskGraph task(
      String id,
      Task6<T1, T2, T3, T4, T5, T6> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public <T1, T2, T3, T4, T5, T6, T7> TaskGraph task(
      String id,
      Task7<T1, T2, T3, T4, T5, T6, T7> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6,
      T7 arg7) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public <T1, T2, T3, T4, T5, T6, T7, T8, T9> TaskGraph task(
      String id,
      Task9<T1, T2, T3, T4, T5, T6, T7, T8, T9> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6,
      T7 arg7,
      T8 arg8,
      T9 arg9) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> TaskGraph task(
      String id,
      Task10<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6,
      T7 arg7,
      T8 arg8,
      T9 arg9,
      T10 arg10) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public TaskGraph transferToDevice(int mode, Object... objects) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public TaskGraph transferToHost(int mode, Object... objects) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public TaskGraph persistOnDevice(Object... objects) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public TaskGraph consumeFromDevice(String uniqueTaskGraphName, Object... objects) {
    throw new UnsupportedOperationException(ABSENT);
  }

  public ImmutableTaskGraph snapshot() {
    throw new UnsupportedOperationException(ABSENT);
  }
}
