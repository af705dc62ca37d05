/** From released weights to files that the library reads. */
package dev.orrery.weights.convert;
