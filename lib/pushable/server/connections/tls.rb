# frozen_string_literal: true

require "openssl"

module Pushable
  module Server
    # The key and certificate of https and wss. EventMachine reads them at the first connection only, and a bad one then
    # ends the whole process; so they are tried here, before anything listens.
    class TLS
      # @return [String] absolute path
      attr_reader :key, :cert

      # @param key [String, nil] path of a PEM file with the private key
      # @param cert [String, nil] path of a PEM file with the certificate, intermediate ones after it
      # @return [TLS, nil] nil when neither is given
      # @raise [CannotStart] naming the file or option that is wrong
      def self.check(key:, cert:)
        return unless key || cert

        raise CannotStart, "key=#{key} needs a certificate too: add cert=FILE" unless cert
        raise CannotStart, "cert=#{cert} needs its private key too: add key=FILE" unless key

        new(key, cert)
      end

      def initialize(key, cert)
        @key = File.expand_path(key)
        @cert = File.expand_path(cert)
        private_key = read_key(key)
        chain = read_chain(cert)
        unless chain.first.check_private_key(private_key)
          raise CannotStart, "key=#{key} does not fit the certificate in cert=#{cert}"
        end

        try(private_key, chain)
      end

      private

      def read_key(path)
        pem = read("key", path)
        raise CannotStart, "key=#{path}: has no private key in PEM form" unless pem.include?("PRIVATE KEY-----")
        raise CannotStart, "key=#{path}: has a passphrase; one without is needed" if pem.include?("ENCRYPTED")

        OpenSSL::PKey.read(pem, "")
      rescue OpenSSL::PKey::PKeyError
        raise CannotStart, "key=#{path}: is not a private key that OpenSSL can read"
      end

      def read_chain(path)
        pem = read("cert", path)
        raise CannotStart, "cert=#{path}: has no certificate in PEM form" unless pem.include?("BEGIN CERTIFICATE-----")

        OpenSSL::X509::Certificate.load(pem)
      rescue OpenSSL::X509::CertificateError
        raise CannotStart, "cert=#{path}: is not a certificate that OpenSSL can read"
      end

      def read(option, path)
        File.binread(path)
      rescue SystemCallError => e
        raise CannotStart, "#{option}=#{path}: cannot be read (#{SystemCallError.new(e.errno).message})"
      end

      # What else OpenSSL refuses when it serves: a key too short, a digest too weak.
      def try(private_key, chain)
        OpenSSL::SSL::SSLContext.new.add_certificate(chain.first, private_key, chain.drop(1))
      rescue OpenSSL::SSL::SSLError => e
        raise CannotStart, "cert=#{cert}: OpenSSL does not serve it (#{e.message})"
      end
    end
  end
end
