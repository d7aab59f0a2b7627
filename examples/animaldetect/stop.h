/* SPDX-License-Identifier: MIT */
/*
 * Signals.  The first SIGINT asks to finish what is uploaded, the second to stop at once, a third kills; SIGTERM and
 * SIGHUP stop at once.
 */
#ifndef TOOL_STOP_H
#define TOOL_STOP_H

enum { STOP_NOT, STOP_FINISH, STOP_NOW };

void stop_listen(void);
int stop_wanted(void);

#endif
