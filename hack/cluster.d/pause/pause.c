/* Holds a pod's namespaces, and reaps what is orphaned into its process namespace. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void End(int signal) { _exit(signal == SIGINT ? 1 : 0); }

static void Reap(int signal) {
  (void)signal;
  while (waitpid(-1, NULL, WNOHANG) > 0) continue;
}

int main(void) {
  signal(SIGTERM, End);
  signal(SIGINT, End);
  signal(SIGCHLD, Reap);
  for (;;) pause();
}
