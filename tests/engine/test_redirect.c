/* SPDX-License-Identifier: MIT */
/*
 * Redirects: followed to trusted origins, each as a separate request with the API key and the idempotency key of the
 * first; outside of the service only for a result, and without the API key; rejected with a message that names the
 * origin.
 */
#include "engine/harness.h"

#include <stdio.h>

#define API "https://api.animaldetect.com"
#define WWW "https://www.animaldetect.com"
#define RESULT "{\"annotations\":[{\"label\":\"red fox\",\"score\":0.75}]}"
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const ROUTES[] = {"create", "submit", "poll", "fetch"};
static const char *const BEHIND[] = {"", "/submit", "", "/result"}; /* what follows the job's id */
static const int32_t COUNTERS[] = {ANIMALDETECT_STAT_REQUESTS_CREATE, ANIMALDETECT_STAT_REQUESTS_SUBMIT,
                                   ANIMALDETECT_STAT_REQUESTS_POLL, ANIMALDETECT_STAT_REQUESTS_FETCH};

enum { CREATE, SUBMIT, POLL, FETCH, ROUTE_COUNT };

/* What every recovered job must show: one job, one image, one submit. */
static void check_one_of_each(struct host *host)
{
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_IMAGES), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
}

/* The nth request of a route is redirected to this Location. */
static void redirect_to(struct host *host, const char *route, int nth, int code, const char *location)
{
    char header[1024];

    snprintf(header, sizeof header, "Location: %s", location);
    world_answer(host->world, route, nth, code, header, "moved");
}

/* The URL path of a job's route below a base; the job exists, unless the route is the create. */
static const char *place(const animaldetect_job *job, const char *base, int route, char url[256])
{
    if (route == CREATE)
        snprintf(url, 256, "%s/jobs", base);
    else
        snprintf(url, 256, "%s/jobs/%s%s", base, animaldetect_job_id(job), BEHIND[route]);
    return url;
}

/* A job that is ready for a script on this route. */
static animaldetect_job *job_before(struct host *host, int route)
{
    animaldetect_job *job = host_image_job(host);

    if (route != CREATE)
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    return job;
}

static void run_well(struct host *host, animaldetect_job *job, const char *what)
{
    if (host_do(host, job, HOST_RUN) != ANIMALDETECT_OK)
        fail_msg("%s: %s", what, animaldetect_job_message(job));
}

static void check_same_request(const struct world_request *first, const struct world_request *second)
{
    assert_non_null(first);
    assert_non_null(second);
    assert_string_equal(second->method, first->method);
    assert_string_equal(second->headers, first->headers);
    assert_string_equal(second->bearer, HOST_KEY);
    assert_int_equal(second->body_size, first->body_size);
    if (first->body != NULL)
        assert_memory_equal(second->body, first->body, first->body_size);
}

static void a_redirect_to_a_trusted_origin_is_followed_on_every_route(struct host *host)
{
    static const int codes[] = {301, 302, 307, 308};

    for (int route = 0; route < ROUTE_COUNT; route++) {
        for (size_t i = 0; i < COUNT_OF(codes); i++) {
            animaldetect_job *job;
            char url[256];

            host_again(host);
            assert_int_equal(animaldetect_client_set_max_tries(host->client, 1), ANIMALDETECT_OK);
            assert_int_equal(animaldetect_client_add_header(host->client, "X-Fleet", "7"), ANIMALDETECT_OK);
            job = job_before(host, route);
            redirect_to(host, ROUTES[route], 1, codes[i], place(job, WWW "/api/v1", route, url));
            run_well(host, job, ROUTES[route]);
            check_one_of_each(host);
            check_same_request(world_request_of(host->world, ROUTES[route], 1),
                               world_request_of(host->world, ROUTES[route], 2));
            assert_string_equal(world_request_of(host->world, ROUTES[route], 2)->url, url);
            assert_int_equal(host_stat(host, COUNTERS[route]), world_count(host->world, ROUTES[route]));
            assert_int_equal(host_stat(host, ANIMALDETECT_STAT_RETRIES), 0);
        }
    }
}

static void a_303_becomes_a_get_whose_answer_counts(struct host *host)
{
    for (int route = SUBMIT; route < ROUTE_COUNT; route++) {
        animaldetect_job *job;
        char url[256];

        host_again(host);
        job = job_before(host, route);
        redirect_to(host, ROUTES[route], 1, 303, place(job, API "/v1", route == FETCH ? FETCH : POLL, url));
        run_well(host, job, ROUTES[route]);
        check_one_of_each(host);
        /* the GET of a submit's redirect target is a poll by its URL */
        assert_string_equal(world_request_of(host->world, ROUTES[route], 1)->method, route == SUBMIT ? "POST" : "GET");
        assert_string_equal(world_request_of(host->world, route == SUBMIT ? "poll" : ROUTES[route], 1)->method, "GET");
        if (route == SUBMIT)
            assert_int_equal(world_request_of(host->world, "poll", 1)->start_ms,
                             world_request_of(host->world, "submit", 1)->end_ms);
    }
}

/* A service that redirects to an existing job instead of creating it a second time. */
static void a_create_that_sees_other_reads_the_job_there(struct host *host)
{
    animaldetect_job *first = host_image_job(host);
    animaldetect_job *second = NULL;
    const struct world_request *get;
    uint8_t *image = host_image(2000, 1);
    char url[256];

    assert_int_equal(host_do(host, first, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, first, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, first, HOST_SUBMIT), ANIMALDETECT_OK);
    second = host_job(host, ANIMALDETECT_OPERATION_DETECT);
    assert_int_equal(animaldetect_job_set_bytes(second, image, 2000), ANIMALDETECT_OK);
    free(image);
    redirect_to(host, "create", 2, 303, place(first, "/v1", POLL, url));
    run_well(host, second, "create");
    assert_string_equal(animaldetect_job_id(second), animaldetect_job_id(first));
    check_one_of_each(host);
    get = world_request_of(host->world, "poll", 1);
    assert_string_equal(get->method, "GET");
    assert_int_equal(get->body_size, 0);
    assert_string_equal(get->headers, "Accept: application/json\nAccept-Encoding: identity\n");
    assert_string_equal(get->bearer, HOST_KEY);
}

static void a_relative_location_is_read_against_the_request(struct host *host)
{
    static const struct {
        const char *before; /* the job's id */
        const char *behind;
    } rows[] = {
        {"../", "/result?view=full"},
        {"//api.animaldetect.com/v1/jobs/", "/result"},
        {"/v1/./x/../jobs/", "/result"},
        {"?a=", ""},
        {"result#", ""},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        animaldetect_job *job;
        char location[256];

        host_again(host);
        job = job_before(host, FETCH);
        snprintf(location, sizeof location, "%s%s%s", rows[i].before, animaldetect_job_id(job), rows[i].behind);
        redirect_to(host, "fetch", 1, 302, location);
        run_well(host, job, location);
        assert_int_equal(world_count(host->world, "fetch"), 2);
        assert_string_equal(world_request_of(host->world, "fetch", 2)->bearer, HOST_KEY);
    }
}

static void an_untrusted_origin_is_named_and_gets_nothing(struct host *host)
{
    static const int codes[] = {301, 302, 303, 307, 308};
    static const struct {
        const char *location;
        const char *words;
    } rows[] = {
        {"https://other.example:8443/private?sig=abcdefghijkl", "redirect to https://other.example:8443, which is not"},
        {"//other.example/private?sig=abcdefghijkl",
         "redirect to https://other.example, which is not a trusted origin"},
        {"http://other.example/private", "redirect to http://other.example, which is plain http"},
        {"http://api.animaldetect.com/v1/private", "redirect to http://api.animaldetect.com, which is plain http"},
        {"http://127.0.0.1:2375/private", "redirect to http://127.0.0.1:2375, which is plain http"},
    };

    for (int route = CREATE; route < ROUTE_COUNT; route++) {
        for (size_t i = 0; i < COUNT_OF(codes) * COUNT_OF(rows); i++) {
            int code = codes[i % COUNT_OF(codes)];
            const char *words = rows[i / COUNT_OF(codes)].words;
            animaldetect_job *job;
            size_t before;

            if (route == FETCH && strstr(words, "which is not") != NULL)
                continue; /* a result may be there */
            host_again(host);
            job = job_before(host, route);
            redirect_to(host, ROUTES[route], 1, code, rows[i / COUNT_OF(codes)].location);
            before = world_request_count(host->world);
            host_do(host, job, HOST_RUN);
            host_expect(host, job, ANIMALDETECT_E_HTTP, words);
            host_expect(host, job, ANIMALDETECT_E_HTTP, ROUTES[route]);
            assert_null(strstr(animaldetect_job_message(job), "private"));
            assert_null(strstr(animaldetect_job_message(job), "abcdefghijkl"));
            assert_int_equal(animaldetect_job_http_status(job), code);
            assert_int_equal(world_count(host->world, ROUTES[route]), 1);
            for (; before < world_request_count(host->world); before++)
                assert_null(strstr(world_request_at(host->world, before)->url, "private"));
            run_well(host, job, words);
            check_one_of_each(host);
        }
    }
}

static void a_location_that_cannot_be_used_says_so(struct host *host)
{
    static const struct {
        const char *header;
        const char *words;
    } rows[] = {
        {NULL, "service answered 307 without a Location"},
        {"Content-Location: " WWW "/", "service answered 307 without a Location"},
        {"Location: ftp://api.animaldetect.com/", "service answered 307 with an invalid Location header"},
        {"Location: https:///api.animaldetect.com/", "with an invalid Location header"},
        {"Location: https://me@api.animaldetect.com/", "with an invalid Location header"},
        {"Location: " WWW "/?key=" HOST_KEY, "with a Location header that contains the API key"},
        {"Location: /" HOST_KEY "/jobs", "with a Location header that contains the API key"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        animaldetect_job *job;

        host_again(host);
        job = host_image_job(host);
        world_answer(host->world, "create", 1, 307, rows[i].header, NULL);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_HTTP, rows[i].words);
        assert_int_equal(world_count(host->world, "any"), 1);
    }
}

static void three_redirects_are_followed_and_no_more(struct host *host)
{
    for (int count = 3; count <= 4; count++) {
        for (int route = 0; route < ROUTE_COUNT; route++) {
            animaldetect_job *job;
            char url[256];

            host_again(host);
            job = job_before(host, route);
            for (int nth = 1; nth <= count; nth++)
                redirect_to(host, ROUTES[route], nth, nth % 2 == 0 ? 302 : 308,
                            place(job, nth % 2 == 0 ? API "/v1" : WWW "/api/v1", route, url));
            host_do(host, job, HOST_RUN);
            if (count == 3) {
                host_expect(host, job, ANIMALDETECT_OK, NULL);
                check_one_of_each(host);
                continue;
            }
            host_expect(host, job, ANIMALDETECT_E_HTTP, "at most 3 redirects are followed");
            assert_int_equal(world_count(host->world, ROUTES[route]), 4);
        }
    }
}

/* ---- the base ---- */

static char told[512];
static int tellings;

static void keep_moves(void *user, const animaldetect_log_record *record)
{
    const char *text = animaldetect_log_text(record);

    (void)user;
    if (strstr(text, "permanent redirect") == NULL)
        return;
    assert_int_equal(animaldetect_log_level(record), ANIMALDETECT_LOG_WARNING);
    snprintf(told, sizeof told, "%s", text);
    tellings++;
}

static void listen_for_moves(struct host *host)
{
    host_again(host);
    told[0] = '\0';
    tellings = 0;
    assert_int_equal(animaldetect_client_set_log(host->client, ANIMALDETECT_LOG_DEBUG, keep_moves, NULL, NULL),
                     ANIMALDETECT_OK);
}

static void check_begins(const struct world_request *request, const char *base)
{
    assert_non_null(request);
    if (strncmp(request->url, base, strlen(base)) != 0)
        fail_msg("%s is not behind %s", request->url, base);
}

static void only_a_redirect_for_good_moves_the_base(struct host *host)
{
    static const int codes[] = {301, 308, 302, 307, 303};

    for (int route = 0; route < ROUTE_COUNT; route++) {
        for (size_t i = 0; i < COUNT_OF(codes); i++) {
            bool moves = i < 2;
            animaldetect_job *job;
            char url[256];

            if (codes[i] == 303 && route < POLL)
                continue;
            listen_for_moves(host);
            job = job_before(host, route);
            redirect_to(host, ROUTES[route], 1, codes[i], place(job, WWW "/api/v1", route, url));
            run_well(host, job, ROUTES[route]);
            run_well(host, host_image_job(host), "the next");
            check_begins(world_request_of(host->world, "create", -1), moves ? WWW "/api/v1/jobs" : API "/v1/jobs");
            check_begins(world_request_of(host->world, "fetch", -1), moves ? WWW "/api/v1/jobs" : API "/v1/jobs");
            assert_int_equal(tellings, moves);
            if (moves)
                assert_non_null(strstr(told, "from " API "/v1 to " WWW "/api/v1:"));
        }
    }
}

/* Earlier jobs continue, jobs in flight move the base once, and a saved job does not depend on it. */
static void jobs_of_before_go_on_behind_the_moved_base(struct host *host)
{
    animaldetect_job *jobs[5];
    animaldetect_job *again;
    char id[160];

    listen_for_moves(host);
    for (int i = 0; i < 5; i++)
        jobs[i] = host_image_job(host);
    assert_int_equal(host_do(host, jobs[0], HOST_CREATE), ANIMALDETECT_OK);
    for (int nth = 2; nth <= 5; nth++)
        redirect_to(host, "create", nth, 308, WWW "/api/v1/jobs");
    for (int i = 1; i < 5; i++)
        assert_int_equal(host_start(host, jobs[i], HOST_CREATE), ANIMALDETECT_OK);
    for (int i = 1; i < 5; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
    assert_int_equal(tellings, 1);
    for (int i = 0; i < 5; i++) {
        run_well(host, jobs[i], "after the move");
        check_begins(world_request_of(host->world, "submit", -1), WWW "/api/v1/jobs");
    }
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 5);
    assert_int_equal(tellings, 1);

    again = host_save_and_restore(host, jobs[0]);
    assert_int_equal(host_do(host, again, HOST_POLL), ANIMALDETECT_OK);
    check_begins(world_request_of(host->world, "poll", -1), WWW);
    snprintf(id, sizeof id, "%s", animaldetect_job_id(jobs[0]));
    host_restart(host);
    again = NULL;
    assert_int_equal(animaldetect_job_attach(host->client, id, &again), ANIMALDETECT_OK);
    host_adopt(host, again);
    assert_int_equal(host_do(host, again, HOST_POLL), ANIMALDETECT_OK);
    check_begins(world_request_of(host->world, "poll", -1), API);
}

static void the_base_moves_only_to_what_answers_well(struct host *host)
{
    animaldetect_job *job;

    listen_for_moves(host);
    job = host_image_job(host);
    redirect_to(host, "create", 1, 308, WWW "/api/v1/jobs");
    world_answer(host->world, "create", 2, 503, NULL, NULL);
    redirect_to(host, "create", 3, 308, WWW "/api/v1/jobs");
    world_answer(host->world, "create", 4, 200, NULL, "<html>for sale</html>");
    run_well(host, job, "at the old place");
    check_one_of_each(host);
    check_begins(world_request_of(host->world, "create", 5), API);
    assert_int_equal(world_count(host->world, "create"), 5);
    assert_int_equal(tellings, 0);
}

/* Two machines that disagree about where the service is: the client follows, and does not fill the log. */
static void a_service_that_moves_back_and_forth_is_reported_three_times(struct host *host)
{
    listen_for_moves(host);
    for (int i = 0; i < 6; i++) {
        redirect_to(host, "create", 2 * i + 1, 308, i % 2 == 0 ? WWW "/api/v1/jobs" : API "/v1/jobs");
        run_well(host, host_image_job(host), "to and fro");
    }
    assert_int_equal(tellings, 3);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 6);
}

/* The trusted origins before it are the trusted origins after it. */
static void a_moved_base_widens_no_trust(struct host *host)
{
    animaldetect_job *job;

    host->service.api_origin = "https://jobs.example.com";
    host->service.old_api_origin = "https://eu.example.com";
    host_open(host);
    assert_int_equal(animaldetect_client_set_base_url(host->client, "https://jobs.example.com/v1"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_add_trusted_origin(host->client, "https://eu.example.com"), ANIMALDETECT_OK);
    redirect_to(host, "create", 1, 308, "https://eu.example.com/api/v1/jobs");
    run_well(host, host_image_job(host), "moved");
    job = host_image_job(host);
    redirect_to(host, "create", 3, 308, API "/v1/jobs");
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_HTTP, "redirect to " API ", which is not a trusted origin");
    check_begins(world_request_of(host->world, "create", 3), "https://eu.example.com/api/v1");
    assert_int_equal(animaldetect_client_set_base_url(host->client, "https://jobs.example.com/v1"), ANIMALDETECT_OK);
    run_well(host, job, "still moved");
    check_begins(world_request_of(host->world, "create", 4), "https://eu.example.com/api/v1");
}

/* ---- a result on another origin ---- */

#define ELSEWHERE "https://bucket.example/r/7?sig=abcdefghijkl"

static void check_stranger(const struct world_request *request)
{
    assert_non_null(request);
    assert_null(request->bearer);
    assert_string_equal(request->method, "GET");
    assert_string_equal(request->headers, "Accept: application/json\nAccept-Encoding: identity\n");
}

static void a_result_is_fetched_from_a_foreign_origin_without_the_key(struct host *host)
{
    static const int codes[] = {301, 302, 303, 307, 308};

    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        const struct world_request *request;
        animaldetect_job *job;

        listen_for_moves(host);
        assert_int_equal(animaldetect_client_add_header(host->client, "X-Fleet", "7"), ANIMALDETECT_OK);
        job = host_image_job(host);
        redirect_to(host, "fetch", 1, codes[i], ELSEWHERE);
        world_answer(host->world, "other", 1, 200, "RateLimit-Limit: 1\nRateLimit-Remaining: 0\nRateLimit-Reset: 60",
                     RESULT);
        run_well(host, job, "result");
        check_one_of_each(host);
        request = world_request_of(host->world, "other", 1);
        check_stranger(request);
        assert_string_equal(request->url, ELSEWHERE);
        assert_int_equal(request->start_ms, world_request_of(host->world, "fetch", 1)->end_ms);
        assert_string_equal(animaldetect_job_result_json(job, NULL), RESULT);
        assert_int_equal(tellings, 0);
        /* its rate headers are not the API's: the next image does not wait */
        run_well(host, host_image_job(host), "the next");
        assert_true(world_request_of(host->world, "fetch", 2)->end_ms - request->end_ms < 30000);
    }
}

static void a_result_that_lies_elsewhere_takes_no_permit(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    int64_t begun;

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    job = host_image_job(host);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 6, 1), ANIMALDETECT_OK);
    redirect_to(host, "fetch", 2, 307, API "/v1/x/result");
    redirect_to(host, "fetch", 3, 302, ELSEWHERE);
    world_answer(host->world, "other", 1, 200, NULL, RESULT);
    run_well(host, job, "result");
    begun = world_request_of(host->world, "fetch", 2)->end_ms;
    assert_true(world_request_of(host->world, "fetch", 3)->start_ms - begun >= 5000);
    assert_int_equal(world_request_of(host->world, "other", 1)->start_ms,
                     world_request_of(host->world, "fetch", 3)->end_ms);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_RATE_LIMITED), 0);
}

static void a_foreign_origin_that_redirects_again_is_not_followed(struct host *host)
{
    static const char *const locations[] = {"https://third.example/private", API "/v1/private", "/private"};
    static const char *const words[] = {"redirect to https://third.example; only one redirect away from the service",
                                        "redirect to " API "; ", "redirect to https://bucket.example; "};

    for (size_t i = 0; i < COUNT_OF(locations); i++) {
        animaldetect_job *job;

        host_again(host);
        job = host_image_job(host);
        redirect_to(host, "fetch", 1, 302, ELSEWHERE);
        redirect_to(host, "other", 1, 302, locations[i]);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_HTTP, words[i]);
        assert_null(strstr(animaldetect_job_message(job), "private"));
        check_stranger(world_request_of(host->world, "other", 1));
        assert_int_equal(world_count(host->world, "other"), 1);
        run_well(host, job, "again");
    }
}

/*
 * Its signature has expired, or the storage fails: the API returns a fresh URL, and neither key nor quota is at fault.
 */
static void what_a_foreign_origin_refuses_is_asked_for_at_the_service_again(struct host *host)
{
    static const int refusals[] = {400, 401, 402, 403, 404, 409, 410, 429, 500, 503};

    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        animaldetect_job *job;

        host_again(host);
        job = host_image_job(host);
        redirect_to(host, "fetch", 1, 302, ELSEWHERE);
        redirect_to(host, "fetch", 2, 302, "https://bucket.example/r/8?sig=mnopqrstuvwx");
        world_answer(host->world, "other", 1, refusals[i], "Retry-After: 1", "<Error><Code>Expired</Code></Error>");
        world_answer(host->world, "other", 2, 200, NULL, RESULT);
        run_well(host, job, "result");
        assert_int_equal(world_count(host->world, "fetch"), 2);
        check_stranger(world_request_of(host->world, "other", 2));
        assert_non_null(strstr(world_request_of(host->world, "other", 2)->url, "/r/8"));
        assert_int_equal(host_stat(host, ANIMALDETECT_STAT_RATE_LIMITED), 0);
        check_one_of_each(host);
    }
}

static void a_foreign_origin_that_goes_on_refusing_is_named(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    redirect_to(host, "fetch", 0, 302, ELSEWHERE);
    world_answer(host->world, "other", 0, 403, NULL,
                 "<Error><Code>AccessDenied</Code><Message>Not today</Message></Error>");
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_SERVICE, "https://bucket.example answered 403 (AccessDenied: Not today)");
    host_expect(host, job, ANIMALDETECT_E_SERVICE, "after 6 attempts");
    assert_null(strstr(animaldetect_job_message(job), "abcdefghijkl"));
    assert_int_equal(world_count(host->world, "fetch"), 6);
}

static void a_loopback_service_may_keep_results_on_loopback(struct host *host)
{
    host->service.api_origin = "http://127.0.0.1:8080";
    host->service.storage_origin = "http://127.0.0.1:8081";
    host->net.storage_origin = "http://127.0.0.1:8081";
    host_open(host);
    assert_int_equal(animaldetect_client_set_base_url(host->client, "http://127.0.0.1:8080/v1"), ANIMALDETECT_OK);
    redirect_to(host, "fetch", 1, 302, "http://127.0.0.1:8082/r/7");
    world_answer(host->world, "other", 1, 200, NULL, RESULT);
    run_well(host, host_image_job(host), "result");
    check_stranger(world_request_of(host->world, "other", 1));
}

/* ---- redirects combined with failures ---- */

static void a_storage_that_redirects_is_not_followed(struct host *host)
{
    static const struct {
        const char *location;
        const char *words;
    } rows[] = {
        {"https://storage.googleapis.com/private?X-Signature=1", "storage answered 307: redirect to https://storage.g"},
        {"https://other.example/private",
         "redirect to https://other.example; redirects of the storage are not followed"},
        {API "/v1/private", "redirect to " API "; redirects of the storage are not followed"},
        {"/private", "; redirects of the storage are not followed"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        animaldetect_job *job;

        host_again(host);
        job = host_image_job(host);
        redirect_to(host, "upload", 1, 307, rows[i].location);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_HTTP, rows[i].words);
        assert_null(strstr(animaldetect_job_message(job), "private"));
        assert_int_equal(world_count(host->world, "any"), 2);
        run_well(host, job, "again");
        check_one_of_each(host);
    }
}

static void trouble_at_the_new_place_is_tried_again_from_the_old_one(struct host *host)
{
    static const int troubles[] = {429, 500, 503};

    for (int route = 0; route < ROUTE_COUNT; route++) {
        for (size_t i = 0; i < COUNT_OF(troubles); i++) {
            const char *name = ROUTES[route];
            animaldetect_job *job;
            char url[256];

            host_again(host);
            job = job_before(host, route);
            redirect_to(host, name, 1, 307, place(job, WWW "/api/v1", route, url));
            world_answer(host->world, name, 2, troubles[i], "Retry-After: 5", NULL);
            run_well(host, job, name);
            check_one_of_each(host);
            assert_int_equal(host_stat(host, ANIMALDETECT_STAT_RATE_LIMITED), troubles[i] == 429);
            check_begins(world_request_of(host->world, name, 2), WWW);
            check_begins(world_request_of(host->world, name, 3), API);
            assert_true(world_request_of(host->world, name, 3)->start_ms -
                            world_request_of(host->world, name, 2)->end_ms >=
                        5000);

            /* a redirect is no attempt, an error after it is one */
            host_again(host);
            assert_int_equal(animaldetect_client_set_max_tries(host->client, 1), ANIMALDETECT_OK);
            job = job_before(host, route);
            redirect_to(host, name, 1, 307, place(job, WWW "/api/v1", route, url));
            world_answer(host->world, name, 2, troubles[i], NULL, NULL);
            if (troubles[i] != 429) /* a wait uses up no attempt */
                assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_SERVICE);
            run_well(host, job, name);
            check_one_of_each(host);
        }
    }
}

static void a_redirected_submit_whose_answer_is_lost_asks_first(struct host *host)
{
    animaldetect_job *job = job_before(host, SUBMIT);
    char url[256];

    redirect_to(host, "submit", 1, 307, place(job, WWW "/api/v1", SUBMIT, url));
    world_net(host->world, "submit", 2, AD_NET_BROKEN);
    run_well(host, job, "submit");
    check_one_of_each(host);
    assert_int_equal(world_count(host->world, "submit"), 3);
    assert_true(world_request_of(host->world, "poll", 1)->start_ms <
                world_request_of(host->world, "submit", 3)->start_ms);
}

static void a_redirect_waits_for_its_permit_and_may_be_canceled_there(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    int64_t begun;

    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 6, 1), ANIMALDETECT_OK);
    redirect_to(host, "create", 1, 307, WWW "/api/v1/jobs");
    redirect_to(host, "create", 2, 307, WWW "/api/v1/jobs");
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    HOST_UNTIL(host, world_count(host->world, "create") == 2);
    begun = world_request_of(host->world, "create", 1)->start_ms;
    assert_true(world_request_of(host->world, "create", 2)->start_ms - begun >= 5000);
    HOST_UNTIL(host, world_active(host->world) == 0);
    animaldetect_job_cancel(job);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
    run_well(host, job, "after the cancel");
    check_begins(world_request_of(host->world, "create", 3), API);
    check_one_of_each(host);

    job = host_image_job(host);
    redirect_to(host, "create", 4, 307, WWW "/api/v1/jobs");
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    HOST_UNTIL(host, world_count(host->world, "create") == 4);
    HOST_UNTIL(host, world_active(host->world) == 0);
    host_free(host, job);
    assert_int_equal(world_count(host->world, "create"), 4);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(a_redirect_to_a_trusted_origin_is_followed_on_every_route),
        SCENARIO(a_303_becomes_a_get_whose_answer_counts),
        SCENARIO(a_create_that_sees_other_reads_the_job_there),
        SCENARIO(a_relative_location_is_read_against_the_request),
        SCENARIO(an_untrusted_origin_is_named_and_gets_nothing),
        SCENARIO(a_location_that_cannot_be_used_says_so),
        SCENARIO(three_redirects_are_followed_and_no_more),
        SCENARIO(only_a_redirect_for_good_moves_the_base),
        SCENARIO(jobs_of_before_go_on_behind_the_moved_base),
        SCENARIO(the_base_moves_only_to_what_answers_well),
        SCENARIO(a_service_that_moves_back_and_forth_is_reported_three_times),
        SCENARIO(a_moved_base_widens_no_trust),
        SCENARIO(a_result_is_fetched_from_a_foreign_origin_without_the_key),
        SCENARIO(a_result_that_lies_elsewhere_takes_no_permit),
        SCENARIO(a_foreign_origin_that_redirects_again_is_not_followed),
        SCENARIO(what_a_foreign_origin_refuses_is_asked_for_at_the_service_again),
        SCENARIO(a_foreign_origin_that_goes_on_refusing_is_named),
        SCENARIO(a_loopback_service_may_keep_results_on_loopback),
        SCENARIO(a_storage_that_redirects_is_not_followed),
        SCENARIO(trouble_at_the_new_place_is_tried_again_from_the_old_one),
        SCENARIO(a_redirected_submit_whose_answer_is_lost_asks_first),
        SCENARIO(a_redirect_waits_for_its_permit_and_may_be_canceled_there),
    };

    return HOST_MAIN(list);
}
