#!/bin/sh
echo {{ ds }}
