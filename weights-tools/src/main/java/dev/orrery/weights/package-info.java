/**
 * A library for weights: the families whose folders its packages download, convert, check and make.
 */
package dev.orrery.weights;
