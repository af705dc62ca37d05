/** The commands of {@code orrery weights}. */
package dev.orrery.cli.weights;
