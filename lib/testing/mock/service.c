/* SPDX-License-Identifier: MIT */
/*
 * The model of the service behind the mock: created on first use, on the mock's clock.
 */
#include "testing/mock/internal.h"

int64_t mock_wall_ms(const animaldetect_mock *mock)
{
    return MOCK_START_WALL_MS + mock->now_ms - MOCK_START_MS;
}

struct svc *mock_service(animaldetect_mock *mock)
{
    if (mock->svc == NULL) {
        mock->config.api_key = mock->api_key;
        mock->config.processing = mock->processing;
        mock->svc = svc_new(&mock->config);
    }
    return mock->svc;
}
