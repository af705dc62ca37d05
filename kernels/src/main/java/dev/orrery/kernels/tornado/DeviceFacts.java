package dev.orrery.kernels.tornado;

/**
 * What a device says about itself.
 *
 * @param name as its maker calls it
 * @param memory in bytes
 * @param largestBuffer in bytes
 * @param localMemory of a group, in bytes
 * @param largestGroup threads
 * @param fp64 whether it computes in double precision, which no kernel here needs
 */
public record DeviceFacts(
    String name,
    long memory,
    long largestBuffer,
    long localMemory,
    long largestGroup,
    boolean fp64) {}
