/* SPDX-License-Identifier: MIT */
/*
 * A host that uses json-c, which has json_object_get and json_object_iter_next as jansson has. Both libraries work, so
 * neither was linked to the other's function. The json-c functions are declared here, so that its headers are not
 * needed.
 */
#include <animaldetect/animaldetect.h>

#include <stdio.h>
#include <string.h>

struct json_object;
struct json_object *json_object_new_object(void);
struct json_object *json_object_new_string(const char *text);
struct json_object *json_object_get(struct json_object *object);
int json_object_object_add(struct json_object *object, const char *key, struct json_object *value);
const char *json_object_to_json_string(struct json_object *object);
int json_object_put(struct json_object *object);

static const char saved[] = "{\"annotations\":[{\"label\":\"red fox\",\"score\":0.75}]}";

int main(void)
{
    struct json_object *object = json_object_new_object();
    animaldetect_result *result = NULL;
    int bad = animaldetect_result_parse(saved, strlen(saved), &result) != ANIMALDETECT_OK;

    json_object_object_add(object, "a", json_object_new_string("b"));
    bad |= json_object_get(object) != object || json_object_put(object) != 0;
    bad |= strcmp(json_object_to_json_string(object), "{ \"a\": \"b\" }") != 0;
    bad |= animaldetect_result_count(result) != 1;
    json_object_put(object);
    animaldetect_result_free(result);
    return bad;
}
