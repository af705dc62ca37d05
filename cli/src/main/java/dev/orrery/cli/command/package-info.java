/** What all commands share: messages for failures, progress, backends, and the end by Ctrl-C. */
package dev.orrery.cli.command;
