/** Models of random weights. */
package dev.orrery.weights.synthesize;
