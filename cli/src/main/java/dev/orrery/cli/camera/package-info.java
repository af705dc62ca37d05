/** Images of what a camera did and what was seen on its way. */
package dev.orrery.cli.camera;
