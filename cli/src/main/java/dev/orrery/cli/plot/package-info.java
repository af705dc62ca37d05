/** Images of what a camera did and saw, and of how far a quantised model is from its original. */
package dev.orrery.cli.plot;
