/**
 * What a backend is: a device with its memory ({@link dev.orrery.kernels.backend.TensorArena}) and
 * one kernel for each contract. {@link dev.orrery.kernels.backend.PlanningBackend} has neither
 * memory nor arithmetic and finds out what a model would take.
 */
package dev.orrery.kernels.backend;
