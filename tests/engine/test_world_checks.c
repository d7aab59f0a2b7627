/* SPDX-License-Identifier: MIT */
/*
 * The world's strict checks: each violated contract of transport.h aborts the process with a message that names it.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/world/kit.h"

static void start_twice(struct setup *setup, struct call *call)
{
    start(setup, call);
    start(setup, call);
}

static void abort_unknown(struct setup *setup, struct call *call)
{
    setup->net->ops->abort(setup->net, &call->transfer);
}

static void break_a_header(struct setup *setup, struct call *call)
{
    call->request_headers[1].value = "a\r\nX-Evil: 1";
    start(setup, call);
}

static void close_too_early(struct setup *setup, struct call *call)
{
    start(setup, call);
    setup->net->ops->close(setup->net, false);
}

static void block_for_ever(struct setup *setup, struct call *call)
{
    (void)call;
    ad_transport_block(setup->net, -1);
}

static int64_t read_without_end(void *context, uint8_t *buffer, size_t size)
{
    (void)context;
    memset(buffer, 'x', size);
    return (int64_t)size;
}

static void give_too_much(struct setup *setup, struct call *call)
{
    static const struct ad_body_ops endless = {read_without_end, rewind_body};

    call->transfer.body = (struct ad_body){&endless, call, 100};
    start(setup, call);
    finish(setup, call);
}

static const struct {
    void (*act)(struct setup *setup, struct call *call);
    const char *words;
} FATAL[] = {
    {start_twice, "started twice"},        {abort_unknown, "not in progress"}, {break_a_header, "control character"},
    {close_too_early, "is in progress"},   {block_for_ever, "forever"},       {give_too_much, "more than its 100"},
};

static void every_broken_contract_aborts_the_process_with_a_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FATAL / sizeof FATAL[0]; i++) {
        char words[512] = "";
        int ends[2];
        int status;
        ssize_t got;
        pid_t child;

        assert_int_equal(pipe(ends), 0);
        child = fork();
        if (child == 0) {
            struct setup setup = make();
            struct call call;

            signal(SIGABRT, SIG_DFL);
            dup2(ends[1], STDERR_FILENO);
            prepare_create(&call, "key-1");
            FATAL[i].act(&setup, &call);
            _exit(0);
        }
        close(ends[1]);
        for (size_t used = 0; (got = read(ends[0], words + used, sizeof words - 1 - used)) > 0; used += (size_t)got)
            ;
        close(ends[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFSIGNALED(status) || strstr(words, FATAL[i].words) == NULL)
            fail_msg("check %zu did not end the process: %s", i, words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_broken_contract_aborts_the_process_with_a_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
