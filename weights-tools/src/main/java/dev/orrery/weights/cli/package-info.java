/** The command {@code orrery-weights}. */
package dev.orrery.weights.cli;
