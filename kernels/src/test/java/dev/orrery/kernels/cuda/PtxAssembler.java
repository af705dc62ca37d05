package dev.orrery.kernels.cuda;

import java.nio.charset.StandardCharsets;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/** The assembler of CUDA 12.0, which comes with JCuda and needs no GPU. */
final class PtxAssembler {
  private PtxAssembler() {}

  /**
   * Why it cannot be used here; null if it can. JCuda has it for Linux on x86-64 alone.
   *
   * @return a sentence
   */
  static String missing() {
    try {
      JNvPTXCompiler.nvPTXCompilerGetVersion(new int[1], new int[1]);
      return null;
    } catch (LinkageError e) {
      return "JCuda has no PTX assembler for this platform (" + e.getMessage() + ")";
    }
  }

  /**
   * Assembles PTX.
   *
   * @param architecture {@code 90a} for sm_90a
   * @return what the functions take
   * @throws IllegalArgumentException if it does not assemble; the message is the assembler's
   */
  static CompilerLog assemble(String ptx, String architecture) {
    // Results are checked here, where the assembler's message is at hand.
    JNvPTXCompiler.setExceptionsEnabled(false);
    nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
    byte[] text = (ptx + '\0').getBytes(StandardCharsets.UTF_8);
    require(JNvPTXCompiler.nvPTXCompilerCreate(compiler, text.length, text), "");
    try {
      String[] options = {"--gpu-name=sm_" + architecture, "--verbose"};
      int result = JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options);
      require(
          result,
          log(
              compiler,
              JNvPTXCompiler::nvPTXCompilerGetErrorLogSize,
              JNvPTXCompiler::nvPTXCompilerGetErrorLog));
      return CompilerLog.parse(
          log(
              compiler,
              JNvPTXCompiler::nvPTXCompilerGetInfoLogSize,
              JNvPTXCompiler::nvPTXCompilerGetInfoLog));
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(compiler);
    }
  }

  private interface LogSize {
    int get(nvPTXCompilerHandle compiler, long[] size);
  }

  private interface Log {
    int get(nvPTXCompilerHandle compiler, byte[] log);
  }

  private static String log(nvPTXCompilerHandle compiler, LogSize size, Log log) {
    long[] bytes = new long[1];
    require(size.get(compiler, bytes), "");
    // Room for the zero that ends the text, which the size does not count.
    byte[] text = new byte[Math.toIntExact(bytes[0]) + 1];
    require(log.get(compiler, text), "");
    return new String(text, StandardCharsets.UTF_8).replace("\0", "");
  }

  private static void require(int result, String message) {
    if (result != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
      throw new IllegalArgumentException(nvPTXCompileResult.stringFor(result) + "\n" + message);
    }
  }
}
