/** Matrices stored with fewer bits, and what that costs. */
package dev.orrery.runtime.quantize;
