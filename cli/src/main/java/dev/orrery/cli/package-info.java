/** The command line: an image and actions in, a video out. */
package dev.orrery.cli;
